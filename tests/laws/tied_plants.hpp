// Plants thrown together at random in which much happens at the same instants: whole minutes, no random draws, names as one likes.
#pragma once
#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace retwin::plants {

/// The text of a plant; the same number gives the same plant, whatever its stations are called and in whatever order they stand.
class TiedPlant {
 public:
  explicit TiedPlant(unsigned number) : random_(number) {
    stations_ = 3 + below(5);
    splits_ = chance(50);
    for (unsigned k = 0; k < stations_; ++k) names_.push_back(std::string(1, static_cast<char>('a' + k)));
  }

  unsigned stations() const { return stations_; }
  const std::vector<std::string>& names() const { return names_; }
  /// Other names for the stations, and the lines of the file in another order.
  void rename(unsigned how) {
    std::mt19937 other(how);
    std::shuffle(names_.begin(), names_.end(), other);
    shuffle_ = how;
  }

  std::string text() {
    std::string out = "attributes: {colour: {categories: [red, blue]}}\ncalendars: {early: [\"Mon-Sun 00:00-02:00\", \"Mon-Sun 03:00-05:00\"]}\n";
    out += "resources:\n  crew: {count: 2}\n  tool: {count: 1, shifts: {early: 1}}\nsources:\n";
    const unsigned sources = 1 + below(3);
    for (unsigned k = 0; k < sources; ++k) out += source(k);
    std::vector<std::string> lines;
    for (unsigned k = 0; k < stations_; ++k) lines.push_back(station(k));
    if (shuffle_ != 0) {
      std::mt19937 other(shuffle_ + 1);
      std::shuffle(lines.begin(), lines.end(), other);
    }
    out += "stations:\n";
    for (const std::string& line : lines) out += line;
    return out + "sinks: [out, bin]\n";
  }

 private:
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::string pick(std::initializer_list<const char*> list) { return *(list.begin() + below(static_cast<unsigned>(list.size()))); }
  std::string maybe(unsigned percent, const std::string& text) { return chance(percent) ? ", " + text : ""; }
  std::string minutes(unsigned least, unsigned most) { return std::to_string(least + below(most - least + 1)) + " min"; }
  std::string name(unsigned k) const { return k >= stations_ ? "out" : names_[k]; }
  /// The next station and one or two others further on, at times one before, in any order.
  std::vector<std::string> targets(unsigned k) {
    std::vector<unsigned> chosen{std::min(k + 1, stations_)};
    for (unsigned tries = 0; tries < 8 && chosen.size() < 3; ++tries) {
      unsigned to = std::min(k + 1 + below(4), stations_);
      if (!splits_ && chance(6) && k > 0) to = below(k);  // what is split in a circle has no end
      if (std::find(chosen.begin(), chosen.end(), to) == chosen.end()) chosen.push_back(to);
    }
    std::swap(chosen.front(), chosen[below(static_cast<unsigned>(chosen.size()))]);
    std::vector<std::string> out;
    for (const unsigned to : chosen) out.push_back(name(to));
    return out;
  }
  std::string route(unsigned k) {
    const std::vector<std::string> to = targets(k);
    const std::string next = name(std::min(k + 1, stations_));
    if (to.size() < 2 || chance(25)) return next;
    std::string list;
    for (const std::string& t : to) list += (list.empty() ? "" : ", ") + t;
    switch (below(6)) {
      case 0:
      case 1: return "{overflow: [" + list + "]}";
      case 2: return "{shortest: [" + list + "]}";
      case 3: return "{cyclic: [" + list + "]}";
      case 4: return "{fastest: [" + list + "]}";
      default: return "[{when: colour == red and visits < 3, to: " + to[0] + "}, {to: " + to[1] + "}]";
    }
  }
  std::string source(unsigned k) {
    const std::string arrivals = pick({"every: 1 min", "every: 2 min", "every: 3 min", "saturated: true", "at: [0 min, 0 min, 2 min, 4 min, 4 min, 4 min], repeat: 12 min"});
    const bool saturated = arrivals.starts_with("sat");
    const unsigned first = k == 0 || saturated ? 0 : below(stations_);  // the first station takes time
    const std::string to = k > 0 && !saturated && chance(40) ? route(first) : name(first);
    return "  s" + std::to_string(k) + ": {" + arrivals + (saturated ? "" : maybe(25, "when_full: lose")) + maybe(10, "limit: 40") +
           maybe(20, "priority: 1") + ", attributes: {colour: {" + (k % 2 == 0 ? "red" : "blue") + ": 100 %}}, to: " +
           to + "}\n";
  }
  std::string station(unsigned k) {
    std::string s = "  " + name(k) + ": {";
    const std::string to = route(k);
    const bool at_once = splits_ && k > 0 && chance(20);
    if (splits_ && chance(20)) {
      s += "unit: split, count: 2, kind: part, duration: " + minutes(at_once ? 0 : 1, 2) + ", buffer: " + pick({"0", "1", "3", "unlimited"});
    } else {
      s += "servers: " + std::to_string(1 + below(2)) + ", duration: " + minutes(at_once ? 0 : 1, 5) + ", buffer: " + pick({"0", "0", "1", "2", "4", "unlimited"});
      s += maybe(30, "needs: " + pick({"{crew: 1}", "{tool: 1}", "{crew: 2}", "{crew: 1, tool: 1}"}));
      s += maybe(15, "batch: " + pick({"{count: 2, longest_wait: 3 min}", "{count: 3, least: 1}", "{count: 2, merge: true, longest_wait: 4 min}"}));
      if (s.find("batch") == std::string::npos) s += maybe(15, "blocking: before");
      s += maybe(10, "calendar: early" + pick({"", ", at_shift_end: finish"}));
      s += maybe(10, "headway: 2 min");
      s += maybe(10, "setup: {by: colour, time: 1 min}");
      s += maybe(10, "dispatch: lifo");
      s += maybe(20, "fails: {x: {every: " + minutes(7, 12) + ", " + pick({"", "clock: working, "}) + "repair: " + minutes(1, 3) +
                         pick({"", ", job: restart", ", job: scrap, scrap_to: bin", ", needs: {tool: 1}", ", keep_crew: true"}) + "}}");
    }
    s += maybe(25, "priority: " + std::to_string(below(3)));
    return s + ", to: " + to + "}\n";
  }

  std::mt19937 random_;
  unsigned stations_ = 3, shuffle_ = 0;
  bool splits_ = false;
  std::vector<std::string> names_;
};

}  // namespace retwin::plants

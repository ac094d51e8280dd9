// Plants thrown together at random from everything a station can have, to look for what nobody thought of.
#pragma once
#include <random>
#include <string>

namespace retwin::plants {

/// The text of a plant; the same number gives the same plant with the same compiler.
class RandomPlant {
 public:
  explicit RandomPlant(unsigned number) : random_(number) {}

  std::string text() {
    stations_ = 2 + below(6);
    masses_ = chance(40);
    std::string out = calendars + std::string("resources:\n  crew: {count: ") + std::to_string(2 + below(3)) + ", shifts: " + calendar() +
                      pick({"", ", at_shift_end: finish", ", speed: 0.8"}) + "}\n  mechanic: {count: 1, qualifications: [lift]}\n" +
                      "  porter: {count: 2, qualifications: [lift], shifts: {" + "early: 2, late: " + pick({"1", "2"}) + "}}\n";
    out += "sources:\n";
    const unsigned sources = 1 + below(3);
    for (unsigned k = 0; k < sources; ++k) out += source(k);
    out += "stations:\n";
    for (unsigned k = 0; k < stations_; ++k) out += station(k);
    if (out.find("fleet ->") != std::string::npos) out += "  fleet: {unit: vehicles, servers: 2, speed: 0.5 m/s, load_time: 20 s, distances: {" + ways() + "}}\n";
    return out + "sinks: [out, bin]\n";
  }

 private:
  static constexpr const char* calendars = R"(calendars: {early: ["Mon-Sat 06:00-14:00"], late: ["Mon-Fri 14:00-22:00"], day: {weekly: ["Mon-Fri 07:00-19:00"], breaks: ["12:00-12:30"]}}
)";
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::string pick(std::initializer_list<const char*> list) { return *(list.begin() + below(static_cast<unsigned>(list.size()))); }
  std::string calendar() { return pick({"early", "late", "day"}); }
  std::string maybe(unsigned percent, const std::string& text) { return chance(percent) ? ", " + text : ""; }
  std::string name(unsigned k) const { return k >= stations_ ? "out" : std::string(1, static_cast<char>('a' + k)); }
  std::string time(double scale = 1) {
    const std::string mean = std::to_string(scale * (1 + below(9))) + " min";
    switch (below(4)) {
      case 0: return mean;
      case 1: return "{exponential: " + mean + "}";
      case 2: return "{uniform: {low: 10 s, high: " + mean + "}}";
      default: return "{lognormal: {mean: " + mean + ", sd: 40 s}}";
    }
  }
  std::string target(unsigned k) {
    const unsigned reach = 1 + below(3);
    std::string to = chance(8) && k > 0 ? name(below(k)) : name(k + reach);
    if (chance(10) && to != "out") to = "fleet -> " + to;
    return to;
  }
  std::string route(unsigned k) {
    const std::string a = name(k + 1), b = target(k), c = name(k + 2);
    if (a == b || chance(40)) return a;
    switch (below(6)) {
      case 0: return "{" + a + ": 70 %, " + b + ": 30 %}";
      case 1: return "{shortest: [" + a + ", " + b + "]}";
      case 2: return "{cyclic: [" + a + ", " + b + ", " + c + "]}";
      case 3: return "{overflow: [" + a + ", " + b + "]}";
      case 4: return a == "out" || b == "out" ? a : "{fastest: {" + a + ": 3 min, " + b + ": 5 min}}";
      default: return "[{when: size > 5 and visits < 3, to: " + b + "}, {to: " + a + "}]";
    }
  }
  std::string source(unsigned k) {
    const std::string arrivals = pick({"every: {exponential: 6 min}", "every: 7 min", "rate: 8/h", "saturated: true", "at: [0 min, 5 min, 5 min, 3 h], repeat: 6 h",
                                       "profile: {rate: 700/week, days: {Mon: 50 %, Tue: 50 %}}", "rate: 3/h, batch: {discrete: {1: 50 %, 4: 50 %}}"});
    const std::string lot = masses_ ? pick({"lot: module, chemistry: {LFP: 50 %, NMC622: 50 %}", "lot: black_mass, chemistry: {LFP: 1}, mass: {uniform: {low: 5 kg, high: 25 kg}}"}) + ", " : "";
    return "  s" + std::to_string(k) + ": {" + lot + arrivals + (arrivals[0] == 's' ? "" : maybe(20, "when_full: lose")) + maybe(10, "limit: 50") +
           ", attributes: {size: {uniform: {low: 1, high: 9}}, colour: {red: 60 %, blue: 40 %}}, to: " + name(k == 0 ? 0 : below(stations_)) + "}\n";
  }
  std::string batch() {
    switch (below(masses_ ? 6 : 4)) {
      case 0: return "batch: {count: 3, longest_wait: 1 h}";
      case 1: return "batch: {count: 4, by: colour, longest_wait: 2 h, least: 2}";
      case 2: return "batch: {count: 2, merge: true, longest_wait: 20 min}";
      case 3: return "batch: {count: 5, least: 1}";
      case 4: return "batch: {mass: 40 kg, longest_wait: 1 h}";
      default: return "batch: {mass: 30 kg, count: 3, merge: true, longest_wait: 3 h}";
    }
  }
  std::string station(unsigned k) {
    std::string s = "  " + name(k) + ": {";
    const unsigned kind = below(10);
    std::string to = route(k);
    const bool plain = chance(20);
    if (kind == 0) {
      s += "unit: conveyor, servers: 5, length: 10 m, speed: 0.1 m/s";
    } else if (kind == 1) {
      s += "unit: delay, duration: " + time(3);
    } else if (kind == 2) {
      s += "unit: split, count: 2, kind: part, duration: " + time();
    } else if (chance(25)) {
      s += "servers: 3, phases: [{name: load, duration: 2 min, needs: {crew: 1}}, {name: soak, duration: " + time(4) +
           ", attended: false}, {name: unload, duration: 3 min, needs: {lift: 1}}]";
    } else {
      s += "servers: " + std::to_string(1 + below(3)) + ", duration: " + (chance(20) ? "1 min + 20 s * size" : time());
      if (!plain) s += maybe(35, "needs: " + pick({"{crew: 1}", "{lift: 1}", "{crew: 2}", "{crew: 1, lift: 1}"}));
    }
    s += ", buffer: " + (masses_ && chance(30) ? pick({"200 kg", "{mass: 90 kg, count: 4}", "{mass: 300 kg, mixed: true}"}) : pick({"0", "1", "5", "20", "unlimited"}));
    if (kind > 2 && !plain) {
      s += maybe(25, batch());
      if (s.find("merge") == std::string::npos) s += maybe(15, "blocking: before");  // how heavy what leaves is, is not known before
      s += maybe(30, "calendar: " + calendar() + pick({"", ", at_shift_end: finish"}));
      s += maybe(15, "headway: 40 s");
      s += maybe(20, "changeover: 30 s");
      s += maybe(20, "setup: {by: colour, time: 2 min}");
      s += maybe(20, "priority: " + std::to_string(below(4)));
      const std::string dispatch = maybe(15, "dispatch: " + pick({"lifo", "{smallest: size}", "{largest: age}"}));
      if (s.find("batch") == std::string::npos) s += dispatch;
      s += maybe(40, "fails: {x: {every: {exponential: 2 h}, " + pick({"", "clock: working, "}) + "repair: " + time(2) +
                         pick({"", ", job: restart", ", job: scrap, scrap_to: bin", ", keep_crew: true", ", needs: {mechanic: 1}", ", scope: server, counted_from: start"}) + "}}");
      s += maybe(25, "maintenance: {m: {" + pick({"every: 5 h", "every: 3 h, clock: working", "after_jobs: 20"}) + ", duration: 10 min" +
                         pick({"", ", needs: {mechanic: 1}"}) + "}}");
    } else if (kind > 2) {
      s += maybe(20, "blocking: before");
    }
    return s + ", to: " + to + "}\n";
  }
  std::string ways() const {
    std::string out;
    for (unsigned k = 0; k < stations_; ++k) out += (k ? ", " : "") + name(k) + ": {" + name(k + 1) + ": " + std::to_string(10 + 7 * k) + " m}";
    return out;
  }

  std::mt19937 random_;
  unsigned stations_ = 2;
  bool masses_ = false;
};

}  // namespace retwin::plants

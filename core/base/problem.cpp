// How problems read: their code names, the excerpt with a caret under it, and "did you mean".
#include "core/base/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/text.hpp"

namespace retwin {
namespace {

constexpr std::array<std::string_view, 29> code_names = {
    "file",       "too-large",   "encoding",     "syntax",  "nesting",      "alias",    "documents", "brackets",
    "duplicate",  "unknown-key", "unknown-name", "missing", "type",         "unit",     "range",     "probability",
    "expression", "route",       "unreachable",  "cycle",   "port",         "conflict", "library",   "trace",
    "state",      "structure",   "label",        "window",  "override-path"};
static_assert(static_cast<std::size_t>(Code::override_path) + 1 == code_names.size());

/// Columns a terminal needs for a UTF-8 sequence that starts with `lead`: 0 inside one, 2 for East Asian and pictographic ranges.
int columns_of(unsigned char lead) {
  if ((lead & 0xC0) == 0x80) return 0;
  return lead >= 0xE3 && lead != 0xEE && lead != 0xEF ? 2 : 1;
}

/// Blanks as wide as the text, tabs kept, so that what follows stands under what follows the text.
std::string padding(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\t') out += '\t';
    else out.append(static_cast<std::size_t>(columns_of(static_cast<unsigned char>(c))), ' ');
  }
  return out;
}

std::string excerpt_lines(const Place& place) {
  const std::string& line = place.excerpt;
  const auto first = static_cast<std::size_t>(std::max(place.column - place.excerpt_column, 0));
  const std::size_t start = std::min(first, line.size());
  const std::size_t length = std::min(static_cast<std::size_t>(std::max(place.length, 1)), line.size() - start);
  const std::size_t width = std::max<std::size_t>(padding(std::string_view(line).substr(start, length)).size(), 1);
  return fmt::format("\n{:>5} | {}\n{:>5} | {}{}", place.line, one_line(line), "",
                     padding(std::string_view(line).substr(0, start)), std::string(width, '^'));
}

std::string joined(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out += (out.empty() ? "" : "\n") + format(problem);
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap neighbours; more than `most` if it is.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    if (*std::min_element(previous.begin(), previous.end()) > most) return most + 1;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replace, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous[b.size()];
}

bool is_error(const Problem& problem) { return problem.severity == Severity::error; }

/// Who looks on among thousands of problems, and for what was meant, takes the square of their number.
void throw_if_too_many(const std::vector<Problem>& all) {
  constexpr std::ptrdiff_t most = 1000;
  if (all.size() < most || std::count_if(all.begin(), all.end(), is_error) < most) return;
  std::vector<Problem> told = all;
  told.push_back({all.back().code, Severity::error, Place{all.back().place.file, 0, 0, 1, ""}, "",
                  fmt::format("no further problems are looked for after {}", most), "mend these first"});
  throw InputError(std::move(told));
}

}  // namespace

std::string_view code_name(Code code) { return code_names[static_cast<std::size_t>(code)]; }

std::string format(const Problem& problem) {
  const Place& place = problem.place;
  std::string out = one_line(place.file);
  if (place.line > 0) out += fmt::format("{}{}", out.empty() ? "" : ":", place.line);
  if (place.line > 0 && place.column > 0) out += fmt::format(":{}", place.column);
  if (!out.empty()) out += ": ";
  out += fmt::format("{} [{}]: ", problem.severity == Severity::error ? "error" : "warning", code_name(problem.code));
  if (!problem.path.empty()) out += one_line(problem.path) + ": ";
  out += one_line(problem.message);
  if (place.line > 0 && !place.excerpt.empty()) out += excerpt_lines(place);
  if (!problem.hint.empty()) out += "\n      hint: " + one_line(problem.hint);
  return out;
}

void Problems::error(Code code, Place place, std::string path, std::string message, std::string hint) {
  all_.push_back({code, Severity::error, std::move(place), std::move(path), std::move(message), std::move(hint)});
  throw_if_too_many(all_);
}

void Problems::warning(Code code, Place place, std::string path, std::string message, std::string hint) {
  all_.push_back({code, Severity::warning, std::move(place), std::move(path), std::move(message), std::move(hint)});
}

bool Problems::any_errors() const { return std::any_of(all_.begin(), all_.end(), is_error); }

void Problems::throw_if_errors() const {
  if (any_errors()) throw InputError(all_);
}

void Problems::append(const Problems& other) {
  const std::vector<Problem> copy = other.all_;  // other may be this
  all_.insert(all_.end(), copy.begin(), copy.end());
  throw_if_too_many(all_);
}

InputError::InputError(std::vector<Problem> problems) : std::runtime_error(joined(problems)), problems_(std::move(problems)) {}

void refuse(Code code, Place place, std::string message, std::string hint) {
  throw InputError({{code, Severity::error, std::move(place), {}, std::move(message), std::move(hint)}});
}

void refuse(Code code, const std::string& file, std::string message, std::string hint, int line) {
  Place place;
  place.file = file;
  place.line = line;
  refuse(code, std::move(place), std::move(message), std::move(hint));
}

RunError::RunError(const std::string& message, double time_s, std::string station)
    : std::runtime_error(message), time_s_(time_s), station_(std::move(station)) {}

void check_failed(const char* condition, const char* file, int line) {
  throw CheckError(fmt::format("{}:{}: broken promise: {}", file, line, condition));
}

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 80;  // longer words are no typing slips, and the distance costs their product
  if (name.empty() || name.size() > longest) return {};
  const std::string wanted = lower(name);
  std::string best;
  std::size_t best_distance = longest;
  for (const std::string& candidate : known) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::size_t size = std::max(candidate.size(), name.size());
    const std::size_t admitted = std::max<std::size_t>(1, size / 3);
    const std::size_t distance = edit_distance(wanted, lower(candidate), admitted);
    if (distance <= admitted && distance < std::min(candidate.size(), name.size()) && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace retwin

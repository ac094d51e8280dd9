// Problems of the input, errors of a run and broken promises of our own: what can go wrong, as values.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace retwin {

/// A position in an input file; line and column count from 1, columns in bytes; line 0 means "the file as a whole".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;          ///< bytes to underline
  std::string excerpt;     ///< the line of the file (of a very long one, the part around it), empty if unknown
  int excerpt_column = 1;  ///< column of the excerpt's first byte
};

/// The closed list of problem codes. Wording is never a contract; codes are.
enum class Code {
  file,           ///< missing or unreadable file
  too_large,      ///< larger than the reader admits
  encoding,       ///< not UTF-8, or a NUL byte
  syntax,         ///< not YAML
  nesting,        ///< nested too deeply
  alias,          ///< YAML aliases and anchors are refused
  documents,      ///< more than one document, or none
  brackets,       ///< unbalanced brackets, often a comma inside a flow map
  duplicate,      ///< the same key twice
  unknown_key,    ///< a key nobody reads
  unknown_name,   ///< a name that does not exist
  missing,        ///< a required field is absent
  type,           ///< a map where a number is needed, and so on
  unit,           ///< a missing, unknown or wrong unit
  range,          ///< outside the admitted range
  probability,    ///< shares that do not sum to 1
  expression,     ///< an expression that does not compile
  route,          ///< a route that leads nowhere
  unreachable,    ///< a station that nothing can reach
  cycle,          ///< a cycle without a buffer
  port,           ///< an output port that leads nowhere
  conflict,       ///< two fields that exclude one another
  library,        ///< a library entry that is missing or inconsistent
  trace,          ///< a broken row in a table of times
  state,          ///< a saved state that is damaged
  structure,      ///< a saved state of another structure
  label,          ///< routing on a true attribute where only a label can be known (warning)
  window,         ///< a run window that is not whole weeks (warning)
  override_path,  ///< an override whose path leads nowhere
};
/// The code as users see it, e.g. "unknown-key".
std::string_view code_name(Code code);

enum class Severity { error, warning };

/// One problem of the input.
struct Problem {
  Code code = Code::syntax;
  Severity severity = Severity::error;
  Place place;
  std::string path;  ///< e.g. "stations.shred_1.throughput", empty if none
  std::string message;
  std::string hint;  ///< what to write instead, empty if none
};

/// The problem as printed: place, code, message, excerpt with caret, hint; lines joined by '\n', none after the last.
std::string format(const Problem& problem);

/// All problems of an input, collected before anything is refused.
class Problems {
 public:
  void error(Code code, Place place, std::string path, std::string message, std::string hint = {});
  void warning(Code code, Place place, std::string path, std::string message, std::string hint = {});
  bool any_errors() const;
  const std::vector<Problem>& all() const { return all_; }
  /// @throws InputError if there is an error among them
  void throw_if_errors() const;
  void append(const Problems& other);

 private:
  std::vector<Problem> all_;
};

/// Bad input: every problem at once. The command line ends with 2.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Problem> problems);
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// One problem, and that is the end of it. @throws InputError
[[noreturn]] void refuse(Code code, Place place, std::string message, std::string hint = {});
/// Of a file as a whole, or of one of its lines. @throws InputError
[[noreturn]] void refuse(Code code, const std::string& file, std::string message, std::string hint = {}, int line = 0);

/// A run that cannot go on, with time and station. The command line ends with 3.
class RunError : public std::runtime_error {
 public:
  RunError(const std::string& message, double time_s, std::string station);
  double time_s() const { return time_s_; }
  const std::string& station() const { return station_; }

 private:
  double time_s_;
  std::string station_;
};

/// A bug of retwin itself. The command line ends with 70.
class CheckError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

/// The name among `known` nearest to `name`, empty if none is near ("did you mean").
std::string nearest(std::string_view name, const std::vector<std::string>& known);

}  // namespace retwin

#define RETWIN_CHECK(condition) (static_cast<bool>(condition) ? void(0) : ::retwin::check_failed(#condition, __FILE__, __LINE__))

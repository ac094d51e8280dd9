// YAML to trees with places: a byte scan first, then the events of yaml-cpp's parser, never its own nodes.
#include "core/scenario/document/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cctype>
#include <istream>
#include <streambuf>
#include <unordered_map>

#include "core/base/files.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

constexpr std::size_t longest_excerpt = 120;  ///< of a very long line, this many bytes around the place are kept
constexpr std::size_t longest_key = 1000;     ///< [bytes]; the parser knows keys of up to 1024
constexpr std::size_t most_problems = 100;    ///< of one document
constexpr std::size_t most_values = 1000000;  ///< each takes half a kilobyte

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool balanced(std::string_view text) {
  return std::count(text.begin(), text.end(), '(') == std::count(text.begin(), text.end(), ')');
}

/// A stream over bytes that stay where they are.
struct MemoryBuffer final : std::streambuf {
  explicit MemoryBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only read from
    setg(begin, begin, begin + text.size());
  }
};

/// The text line by line, for places and excerpts.
class Lines {
 public:
  Lines(std::string_view text, std::string file, Excerpts excerpts) : text_(text), file_(std::move(file)), excerpts_(excerpts) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  Place at(std::size_t offset, std::size_t length) const {
    offset = std::min(offset, text_.size());
    const auto line = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), offset) - starts_.begin()) - 1;
    std::size_t begin = starts_[line];
    std::size_t end = line + 1 < starts_.size() ? starts_[line + 1] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    const std::size_t column = offset - begin;
    std::size_t skipped = 0;
    if (end - begin > longest_excerpt) {
      skipped = column > longest_excerpt / 2 ? column - longest_excerpt / 2 : 0;
      while (skipped > 0 && continues(begin + skipped)) --skipped;
      begin += skipped;
      std::size_t last = std::min(end, begin + longest_excerpt);
      while (last < end && continues(last)) ++last;
      end = last;
    }
    Place place;
    place.file = file_;
    place.line = static_cast<int>(line) + 1;
    place.column = static_cast<int>(column) + 1;
    place.length = static_cast<int>(std::clamp<std::size_t>(length, 1, std::max<std::size_t>(end - std::min(offset, end), 1)));
    if (excerpts_ == Excerpts::shown) place.excerpt = std::string(text_.substr(begin, end - begin));
    place.excerpt_column = static_cast<int>(skipped) + 1;
    return place;
  }
  Place whole() const {
    Place place;
    place.file = file_;
    return place;
  }
  std::string_view text() const { return text_; }
  /// A piece of the text in a message.
  std::string quoted(std::string_view piece) const {
    return excerpts_ == Excerpts::shown ? fmt::format("\"{}\"", piece) : "a text that is not shown";
  }

 private:
  bool continues(std::size_t i) const { return (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80; }
  std::string_view text_;
  std::string file_;
  Excerpts excerpts_;
  std::vector<std::size_t> starts_;
};

/// Offset at which brackets are nested too deeply for the parser's look-ahead, npos if nowhere. Quotes and comments are left out as
/// YAML sees them; since block texts can hide a quote, all brackets are counted as well, with a wider limit.
std::size_t too_many_brackets(std::string_view text) {
  constexpr int hidden = 20000;
  int depth = 0, all = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool starts_token =
        i == 0 || blank(text[i - 1]) || std::string_view("[]{},:").find(text[i - 1]) != std::string_view::npos;
    const int step = c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    all = std::max(all + step, 0);
    if (all > hidden) return i;
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++i;
      else if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && starts_token) {
      quote = c;
    } else if (c == '#' && starts_token) {
      i = std::min(text.find('\n', i), text.size());
    } else {
      depth = std::max(depth + step, 0);
      if (depth > deepest_document) return i;
    }
  }
  return std::string_view::npos;
}

/// Builds the tree from the parser's events and refuses what a scenario must not contain.
class Builder final : public YAML::EventHandler {
 public:
  struct Stop {};  ///< thrown when reading on makes no sense

  Builder(const Lines& lines, Problems& problems) : lines_(lines), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    const std::size_t at = offset(mark);
    const std::string_view text = lines_.text();
    const bool marked = text.substr(at, 3) == "---" || text.substr(0, at).rfind("\n...") != std::string_view::npos;
    if (marked) error(Code::documents, lines_.at(at, 3), "a second document starts here", "one file, one document");
    else error(Code::syntax, lines_.at(at, 1), "the document ended before this", "check indentation and brackets above");
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = open_.empty() || !open_.back().has_key ? place(mark, 1) : open_.back().key_place;
    if (wants_key()) error(Code::syntax, place(mark, 1), "a key is missing");
    add(std::move(node), mark, "", anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    error(Code::alias, place(mark, 1), "an alias (*) is not admitted here", "write it out, or use extends");
    add(Node(), mark, "", 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    const std::size_t at = offset(mark);
    const bool quoted = tag == "!";
    const std::size_t length = scalar_length(at, value, quoted);
    if (const std::size_t bad = control_character(value); bad != std::string::npos)  // written as an escape
      error(Code::encoding, lines_.at(at, length), fmt::format("a character that cannot be shown, U+{:04X}", code_point(value, bad).value),
            "leave it out");
    if (!quoted && flow()) check_brackets(at, value);
    if (!open_.empty() && open_.back().node.is_map() && !open_.back().has_key) {
      check_labels(mark, quoted ? "" : tag, anchor);
      return key(value, lines_.at(at, length));
    }
    Node node = Node::scalar(value, lines_.at(at, length));
    node.quoted = quoted;
    add(std::move(node), mark, quoted ? "" : tag, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    begin(Node::list(place(mark, 1)), mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    begin(Node::map(place(mark, 1)), mark, tag, anchor, style);
  }
  void OnMapEnd() override { end(); }

  Node take() { return std::move(root_); }
  int documents() const { return documents_; }
  /// Where the innermost open flow map or list starts, for "the bracket is never closed".
  Place innermost_flow(const YAML::Mark& mark) const {
    const auto found = std::find_if(open_.rbegin(), open_.rend(), [](const Open& o) { return o.flow; });
    return found == open_.rend() ? place(mark, 1) : found->node.place;
  }
  Place place(const YAML::Mark& mark, std::size_t length) const { return lines_.at(offset(mark), length); }
  void error(Code code, Place place, std::string message, std::string hint = {}) {
    if (++reported_ > most_problems) throw Stop{};
    problems_.error(code, std::move(place), {}, std::move(message), std::move(hint));
  }

 private:
  /// A map or list whose end has not come yet.
  struct Open {
    Node node;
    bool flow = false;
    bool has_key = false;  ///< a key waits for its value
    bool cut = false;      ///< a bracket was opened in a scalar that a comma ended
    std::string key;
    Place key_place;
    std::unordered_map<std::string, int> lines;  ///< where each key stood first
  };

  static std::size_t offset(const YAML::Mark& mark) { return mark.pos > 0 ? static_cast<std::size_t>(mark.pos) : 0; }
  bool flow() const { return !open_.empty() && open_.back().flow; }
  bool wants_key() const { return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key; }

  void check_labels(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) error(Code::alias, place(mark, 1), "an anchor (&) is not admitted here", "write it out, or use extends");
    if (!tag.empty() && tag != "?")
      error(Code::syntax, place(mark, 1), fmt::format("the tag {} is not admitted", lines_.quoted(tag)), "leave it out");
  }

  /// "f(2 h, 3 h)" within {...} is cut at the comma.
  void check_brackets(std::size_t at, const std::string& value) {
    if (balanced(value)) return;
    Open& open = open_.back();
    const bool opens = std::count(value.begin(), value.end(), '(') > std::count(value.begin(), value.end(), ')');
    if (opens || !open.cut) {
      error(Code::brackets, lines_.at(at, value.size()), "unbalanced brackets in " + lines_.quoted(value),
            "within {...} a comma ends a value: put it in quotes, or write one field to a line");
    }
    open.cut = opens;
  }

  std::size_t scalar_length(std::size_t at, const std::string& value, bool quoted) const {
    const std::string_view rest = lines_.text().substr(std::min(at, lines_.text().size()));
    if (!quoted && rest.starts_with(value)) return value.size();
    const std::size_t line = std::min(rest.find('\n'), rest.size());
    if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return line;
    for (std::size_t i = 1; i < line; ++i) {
      if (rest[i] == '\\' && rest[0] == '"') ++i;
      else if (rest[i] == rest[0]) return i + 1;
    }
    return line;
  }

  void key(const std::string& name, Place where) {
    Open& open = open_.back();
    const auto [first, fresh] = open.lines.emplace(name, where.line);
    if (!fresh && balanced(name)) {
      error(Code::duplicate, where, fmt::format("{} is given twice; first in line {}", lines_.quoted(name), first->second),
            "keep one of them");
    }
    if (name.size() > longest_key) error(Code::syntax, where, "too long a key", fmt::format("at most {} bytes", longest_key));
    open.has_key = true;
    open.key = name;
    open.key_place = std::move(where);
  }

  void begin(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
    check_labels(mark, tag, anchor);
    if (open_.size() >= deepest_document) {
      error(Code::nesting, node.place, fmt::format("more than {} levels of maps and lists", deepest_document));
      throw Stop{};
    }
    if (wants_key())
      error(Code::syntax, node.place, fmt::format("a {} cannot be a key", kind_name(node.kind)), "keys are plain words");
    open_.emplace_back();
    open_.back().node = std::move(node);
    open_.back().flow = style == YAML::EmitterStyle::Flow;
  }

  void end() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    place_node(std::move(node));
  }

  void add(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_labels(mark, tag, anchor);
    place_node(std::move(node));
  }

  void place_node(Node node) {
    if (++values_ > most_values) {
      error(Code::too_large, node.place, fmt::format("more than {} values", most_values), "tables belong into CSV files");
      throw Stop{};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& open = open_.back();
    if (open.node.is_list()) {
      open.node.items.push_back(std::move(node));
    } else if (!open.has_key) {  // a key that is no scalar, already reported
      open.has_key = true;
      open.key.clear();
      open.key_place = node.place;
    } else {
      open.node.entries.push_back({std::move(open.key), std::move(open.key_place), std::move(node)});
      open.has_key = false;
    }
  }

  const Lines& lines_;
  Problems& problems_;
  std::vector<Open> open_;
  Node root_;
  int documents_ = 0;
  std::size_t reported_ = 0, values_ = 0;
};

/// What yaml-cpp's messages mean for the reader of a scenario.
struct Meaning {
  const char* message;  ///< yaml-cpp's
  Code code;
  const char* ours;
  const char* hint;
};
const Meaning meanings[] = {
    {YAML::ErrorMsg::END_OF_MAP_FLOW, Code::brackets, "this bracket is never closed", "a closing } is missing"},
    {YAML::ErrorMsg::END_OF_SEQ_FLOW, Code::brackets, "this bracket is never closed", "a closing ] is missing"},
    {YAML::ErrorMsg::FLOW_END, Code::brackets, "a closing bracket that nothing opened", ""},
    {YAML::ErrorMsg::UNKNOWN_ANCHOR, Code::alias, "an alias (*) is not admitted here", "write it out, or use extends"},
    {YAML::ErrorMsg::MAP_VALUE, Code::syntax, "a ':' cannot stand here",
     "check the indentation; a text with ': ' in it needs quotes"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, Code::syntax, "a text cannot begin like this", "put it in quotes"},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, Code::syntax, "a tab in the indentation", "indent with blanks"},
    {YAML::ErrorMsg::END_OF_MAP, Code::syntax, "the map ended before this", "check the indentation"},
    {YAML::ErrorMsg::END_OF_SEQ, Code::syntax, "the list ended before this", "check the indentation"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, Code::syntax, "a quote that is never closed", ""},
};

void report(const YAML::Exception& thrown, Builder& builder) {
  const auto* found =
      std::find_if(std::begin(meanings), std::end(meanings), [&](const Meaning& m) { return thrown.msg == m.message; });
  const Place place = builder.place(thrown.mark, 1);
  if (found == std::end(meanings)) {
    builder.error(Code::syntax, place, thrown.msg);
  } else {
    const bool open = std::string_view(found->ours) == "this bracket is never closed";
    const std::string_view indentation = std::string_view(place.excerpt).substr(0, place.excerpt.find_first_not_of(" \t"));
    if (indentation.find('\t') != std::string_view::npos) {
      builder.error(Code::syntax, place, "a tab in the indentation", "indent with blanks");
    } else {
      builder.error(found->code, open ? builder.innermost_flow(thrown.mark) : place, found->ours, found->hint);
    }
  }
}

/// What can be told from the bytes alone; true if the text may be parsed.
bool scan(std::string_view text, const Lines& lines, Problems& problems) {
  if (const std::size_t bad = invalid_utf8(text); bad != std::string_view::npos) {
    problems.error(Code::encoding, lines.at(bad, 1), {}, text[bad] == '\0' ? "a NUL byte; this is no text" : "this is not UTF-8",
                   "save the file as UTF-8 text");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(),
                                    [](char c) { return (static_cast<unsigned char>(c) < 0x20 && !blank(c)) || c == 0x7f; });
  if (control != text.end()) {  // yaml-cpp would take 0x04 for the end of the text
    problems.error(Code::encoding, lines.at(static_cast<std::size_t>(control - text.begin()), 1), {}, "a control character",
                   "remove it");
    return false;
  }
  if (const std::size_t deep = too_many_brackets(text); deep != std::string_view::npos) {
    problems.error(Code::nesting, lines.at(deep, 1), {}, fmt::format("more than {} levels of brackets", deepest_document));
    return false;
  }
  return true;
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, const std::string& file_name, Problems& problems, Excerpts excerpts) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > largest_document) {
    Place place;
    place.file = file_name;
    problems.error(Code::too_large, place, {}, fmt::format("larger than {} MB", largest_document >> 20));
    return std::nullopt;
  }
  const Lines lines(text, file_name, excerpts);
  if (!scan(text, lines, problems)) return std::nullopt;
  Problems found;
  Builder builder(lines, found);
  try {
    MemoryBuffer buffer(text);
    std::istream in(&buffer);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {  // the second document, real or not, ends it: the builder stops there
    }
  } catch (const Builder::Stop&) {  // reported where it was thrown
  } catch (const YAML::Exception& thrown) {
    report(thrown, builder);
  }
  Node root = builder.take();
  if (!found.any_errors() && root.is_null())
    found.error(Code::documents, lines.whole(), {}, "there is nothing in it", "a scenario is a map");
  problems.append(found);
  if (found.any_errors()) return std::nullopt;
  return root;
}

std::optional<Node> read_yaml_file(const std::string& path, Problems& problems, const Place& from, Excerpts excerpts) {
  const auto text = read_file(path, largest_document, problems, from);
  if (!text) return std::nullopt;
  return read_yaml(*text, path, problems, excerpts);
}

}  // namespace retwin

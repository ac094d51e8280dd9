// The grammar of expressions (PEGTL) and how a text becomes a program.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <tao/pegtl.hpp>
#include <tao/pegtl/must_if.hpp>

#include "core/base/expression_compiler.hpp"
#include "core/base/text.hpp"

namespace retwin {

// --- literals are scanned by hand: whether "/h" belongs to one depends on the names in sight

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool keyword(std::string_view word) { return word == "and" || word == "or" || word == "not"; }

std::size_t skip(std::string_view text, std::size_t at, bool (*what)(char)) {
  while (at < text.size() && what(text[at])) ++at;
  return at;
}

/// End of a number without sign, or `at`.
std::size_t number_end(std::string_view text, std::size_t at) {
  std::size_t end = skip(text, at, digit);
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = skip(text, end + 1, digit);
    if (fraction == end + 1 && end == at) return at;
    end = fraction;
  }
  if (end > at && end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    const std::size_t sign = end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') ? 1 : 0;
    const std::size_t exponent = skip(text, end + 1 + sign, digit);
    if (exponent > end + 1 + sign) end = exponent;
  }
  return end;
}

}  // namespace

/// End of the word at `offset` if it can be a unit, else `offset`. A word right after a number is one in any case.
std::size_t ExpressionCompiler::unit_word(std::size_t offset, bool must_be_unit) const {
  if (offset < text_.size() && text_[offset] == '%') return offset + 1;
  std::size_t end = offset;
  if (end < text_.size() && !digit(text_[end])) end = skip(text_, end, word_character);
  const std::string_view word = text_.substr(offset, end - offset);
  if (word.empty() || keyword(word)) return offset;
  if (must_be_unit) {
    const std::size_t next = skip(text_, end, blank);
    const bool function = next < text_.size() && text_[next] == '(';
    if (function || (end < text_.size() && text_[end] == '.') || !parse_unit(word) || symbols_.find(word)) return offset;
  }
  const std::size_t equivalent = skip(text_, end, blank);
  const bool carbon = equivalent > end && text_.substr(equivalent).starts_with("CO2e");
  return carbon && (equivalent + 4 == text_.size() || !word_character(text_[equivalent + 4])) ? equivalent + 4 : end;
}

std::size_t ExpressionCompiler::literal_length(std::size_t offset) const {
  std::size_t end = number_end(text_, offset);
  if (end == offset) return 0;
  const std::size_t first = skip(text_, end, blank);
  if (const std::size_t word = unit_word(first, false); word > first) end = word;
  for (;;) {  // "/h" as long as h is a unit and no name
    const std::size_t slash = skip(text_, end, blank);
    if (slash >= text_.size() || text_[slash] != '/') break;
    const std::size_t start = skip(text_, slash + 1, blank);
    const std::size_t word = unit_word(start, true);
    if (word == start) break;
    end = word;
  }
  for (;;) {  // "2 h 30 min"
    const std::size_t number = skip(text_, end, blank);
    const std::size_t start = number < text_.size() ? skip(text_, number_end(text_, number), blank) : number;
    const std::size_t word = start > number ? unit_word(start, false) : start;
    if (word == start || !parse_quantity(text_.substr(offset, word - offset))) break;
    end = word;
  }
  return end - offset;
}

// Rules read like grammar, not like types.
// NOLINTBEGIN(readability-identifier-naming)
namespace grammar {
namespace p = tao::pegtl;

struct sep : p::star<p::space> {};
template <char... C>
struct token : p::seq<p::one<C...>, sep> {};

/// A rule that counts how deep it is nested, so that "((((..." cannot exhaust the stack.
template <class Rule>
struct deeper {
  using rule_t = deeper;
  using subs_t = p::type_list<Rule>;
  template <p::apply_mode A, p::rewind_mode M, template <typename...> class Action, template <typename...> class Control,
            class Input>
  static bool match(Input& in, ExpressionCompiler& compiler) {
    struct Level {
      int& nesting;
      explicit Level(int& n) : nesting(n) { ++nesting; }
      ~Level() { --nesting; }
    } const level(compiler.nesting);
    if (compiler.nesting > ExpressionCompiler::max_nesting) {
      compiler.refuse("nested too deeply", "use simpler expressions", in.position().byte, 1);
    }
    return Control<Rule>::template match<A, M, Action, Control>(in, compiler);
  }
};

struct literal {
  using rule_t = literal;
  using subs_t = p::empty_list;
  template <p::apply_mode, p::rewind_mode, template <typename...> class, template <typename...> class, class Input>
  static bool match(Input& in, ExpressionCompiler& compiler) {
    const std::size_t length = compiler.literal_length(in.position().byte);
    in.bump(length);
    return length > 0;
  }
};

struct expression_rule;
struct expression : deeper<expression_rule> {};
struct negation_rule;
struct negation : deeper<negation_rule> {};
struct sign_rule;
struct sign : deeper<sign_rule> {};

struct word_and : p::seq<p::sor<p::keyword<'a', 'n', 'd'>, p::two<'&'>>, sep> {};
struct word_or : p::seq<p::sor<p::keyword<'o', 'r'>, p::two<'|'>>, sep> {};
struct word_not : p::seq<p::sor<p::keyword<'n', 'o', 't'>, p::seq<p::one<'!'>, p::not_at<p::one<'='>>>>, sep> {};

struct name : p::seq<p::not_at<p::sor<p::keyword<'a', 'n', 'd'>, p::keyword<'o', 'r'>, p::keyword<'n', 'o', 't'>>>,
                     p::list<p::identifier, p::one<'.'>>> {};
struct quoted : p::sor<p::seq<p::one<'\''>, p::plus<p::not_one<'\''>>, p::one<'\''>>,
                       p::seq<p::one<'"'>, p::plus<p::not_one<'"'>>, p::one<'"'>>> {};
struct function : p::seq<p::identifier, p::at<p::star<p::space>, p::one<'('>>> {};
struct argument : expression {};
struct call : p::if_must<function, sep, token<'('>, p::list_must<argument, token<','>>, p::one<')'>> {};
struct brackets : p::if_must<token<'('>, expression, p::one<')'>> {};
struct primary : p::seq<p::sor<literal, brackets, call, name, quoted>, sep> {};

struct raised : p::if_must<token<'^'>, sign> {};
struct minus : p::if_must<token<'-'>, sign> {};
struct plus_sign : p::if_must<token<'+'>, sign> {};
struct sign_rule : p::sor<minus, plus_sign, p::seq<primary, p::opt<raised>>> {};
struct times : p::if_must<token<'*'>, sign> {};
struct over : p::if_must<token<'/'>, sign> {};
struct product : p::seq<sign, p::star<p::sor<times, over>>> {};
struct add : p::if_must<token<'+'>, product> {};
struct subtract : p::if_must<token<'-'>, product> {};
struct sum : p::seq<product, p::star<p::sor<add, subtract>>> {};
struct comparator : p::sor<p::string<'<', '='>, p::string<'>', '='>, p::two<'='>, p::string<'!', '='>, p::one<'<', '>'>> {};
struct compared : p::if_must<comparator, sep, sum> {};
struct chained : p::at<comparator> {};
struct comparison : p::seq<sum, p::opt<compared, p::opt<chained>>> {};
struct negated : p::if_must<word_not, negation> {};
struct negation_rule : p::sor<negated, comparison> {};
struct also : p::if_must<word_and, negation> {};
struct conjunction : p::seq<negation, p::star<also>> {};
struct either : p::if_must<word_or, conjunction> {};
struct disjunction : p::seq<conjunction, p::star<either>> {};
struct choice : p::if_must<token<'?'>, expression, token<':'>, expression> {};
struct expression_rule : p::seq<disjunction, p::opt<choice>> {};
struct whole : p::must<sep, expression, p::eof> {};

template <class Rule>
struct action : p::nothing<Rule> {};

template <void (ExpressionCompiler::*verb)(std::size_t, std::size_t)>
struct spanned {
  template <class Input>
  static void apply(const Input& in, ExpressionCompiler& compiler) {
    (compiler.*verb)(in.position().byte, in.size());
  }
};
template <>
struct action<literal> : spanned<&ExpressionCompiler::literal> {};
template <>
struct action<name> : spanned<&ExpressionCompiler::name> {};
template <>
struct action<quoted> : spanned<&ExpressionCompiler::quoted> {};
template <>
struct action<function> : spanned<&ExpressionCompiler::begin_call> {};

template <void (ExpressionCompiler::*verb)()>
struct plain {
  static void apply0(ExpressionCompiler& compiler) { (compiler.*verb)(); }
};
template <>
struct action<argument> : plain<&ExpressionCompiler::argument> {};
template <>
struct action<call> : plain<&ExpressionCompiler::end_call> {};
template <>
struct action<compared> : plain<&ExpressionCompiler::compare> {};
template <>
struct action<choice> : plain<&ExpressionCompiler::select> {};

template <char... Symbol>
struct infix {
  static void apply0(ExpressionCompiler& compiler) {
    static constexpr char symbol[] = {Symbol...};
    compiler.binary(std::string_view(symbol, sizeof...(Symbol)));
  }
};
template <>
struct action<raised> : infix<'^'> {};
template <>
struct action<times> : infix<'*'> {};
template <>
struct action<over> : infix<'/'> {};
template <>
struct action<add> : infix<'+'> {};
template <>
struct action<subtract> : infix<'-'> {};
template <>
struct action<also> : infix<'a', 'n', 'd'> {};
template <>
struct action<either> : infix<'o', 'r'> {};

template <>
struct action<minus> {
  template <class Input>
  static void apply(const Input& in, ExpressionCompiler& compiler) {
    compiler.unary("-", in.position().byte);
  }
};
template <>
struct action<negated> {
  template <class Input>
  static void apply(const Input& in, ExpressionCompiler& compiler) {
    compiler.unary("not", in.position().byte);
  }
};
template <>
struct action<comparator> {
  template <class Input>
  static void apply(const Input& in, ExpressionCompiler& compiler) {
    compiler.comparator(in.string_view());
  }
};
template <>
struct action<chained> {
  template <class Input>
  static void apply(const Input& in, ExpressionCompiler& compiler) {
    compiler.refuse("comparisons cannot be chained", "write a < b and b < c", in.position().byte, 1);
  }
};

}  // namespace grammar
// NOLINTEND(readability-identifier-naming)

namespace {

ExpressionTrouble unreadable(std::string_view text, std::size_t offset) {
  const std::size_t at = skip(text, offset, blank);
  if (at >= text.size())
    return {Code::expression,
            text.size() == skip(text, 0, blank) ? "an empty expression" : "the expression ends too early",
            {},
            text.size(),
            1};
  const std::size_t end = word_character(text[at]) ? skip(text, at, word_character) : at + 1;
  const std::string_view word = text.substr(at, end - at);
  std::string hint;
  if (word == "=") hint = "to compare, write ==";
  else if (word == "&") hint = "write and";
  else if (word == "|") hint = "write or";
  else if (word == ")") hint = "there is no '(' for it";
  else if (word_character(word[0])) hint = "an operator is missing before it";
  return {Code::expression, fmt::format("'{}' cannot stand here", word), hint, at, end - at};
}

/// The part of the value that the trouble is about, where the value stands in the file as it is.
Place part_of(const Place& place, std::string_view text, std::size_t offset, std::size_t length) {
  const int start = place.column - place.excerpt_column;
  for (int shift = 0; shift <= 1; ++shift) {  // 1: in quotes
    const auto at = static_cast<std::size_t>(std::max(start + shift, 0));
    if (at > place.excerpt.size() || text.empty() || place.excerpt.compare(at, text.size(), text) != 0) continue;
    Place part = place;
    part.column += shift + static_cast<int>(offset);
    part.length = static_cast<int>(std::max<std::size_t>(length, 1));
    return part;
  }
  return place;
}

}  // namespace

std::optional<Expression> Expression::compile(std::string_view text, const Symbols& symbols, Result result,
                                              const Dimension& expected, const Place& place, const std::string& path,
                                              Problems& problems) {
  ExpressionTrouble trouble;
  if (text.size() > 4000) {
    problems.error(Code::expression, place, path, "too long an expression", "at most 4000 characters");
    return std::nullopt;
  }
  try {
    ExpressionCompiler compiler(text, symbols);
    tao::pegtl::memory_input in(text.data(), text.data() + text.size(), "expression");
    tao::pegtl::parse<grammar::whole, grammar::action>(in, compiler);
    return compiler.finish(result, expected);
  } catch (const tao::pegtl::parse_error& error) {
    trouble = unreadable(text, error.positions().front().byte);
  } catch (const ExpressionTrouble& refused) {
    trouble = refused;
  }
  problems.error(trouble.code, part_of(place, text, trouble.offset, trouble.length), path, trouble.message, trouble.hint);
  return std::nullopt;
}

}  // namespace retwin

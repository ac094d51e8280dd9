// Escapes by code points, so that readers of every version of YAML get the same.
#include "core/base/yaml_text.hpp"

#include <fmt/format.h>

#include "core/base/problem.hpp"
#include "core/base/text.hpp"

namespace retwin {
namespace {

/// What a reader of YAML (of any version) refuses or takes for the end of a line.
bool needs_escape(unsigned c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || (c & 0xFFFEu) == 0xFFFE;
}

}  // namespace

std::string yaml_quoted(std::string_view text) {
  const std::string sound = sound_utf8(text);
  std::string out = "\"";
  for (std::size_t at = 0; at < sound.size();) {
    const CodePoint c = code_point(sound, at);
    if (c.value == '"' || c.value == '\\') (out += '\\') += sound[at];
    else if (!needs_escape(c.value)) out.append(sound, at, c.bytes);
    else if (c.value < 0x100) out += fmt::format("\\x{:02x}", c.value);
    else out += fmt::format("\\U{:08x}", c.value);
    at += c.bytes;
  }
  return out + '"';
}

const std::string& nameable(const std::string& path) {
  if (invalid_utf8(path) == std::string::npos && control_character(path) == std::string::npos) return path;
  Place place;
  place.file = path;
  throw InputError({{Code::encoding, Severity::error, place, {}, "a scenario cannot name a file with such characters in its name",
                     "give the file another name"}});
}

std::string yaml_comment(std::string_view text) { return "# " + one_line(text); }

}  // namespace retwin

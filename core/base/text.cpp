// UTF-8, byte by byte.
#include "core/base/text.hpp"

#include <algorithm>

namespace retwin {
namespace {

/// Bytes of the character that begins there, 0 if none does.
std::size_t sound_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0u; };
  const unsigned lead = byte(i);
  if (lead == 0) return 0;
  if (lead < 0x80) return 1;
  const std::size_t more = lead >= 0xC2 && lead <= 0xDF ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
  bool good = more > 0;
  for (std::size_t k = 1; k <= more; ++k) good = good && (byte(i + k) & 0xC0) == 0x80;
  // no overlong forms, no surrogates, nothing above U+10FFFF
  const unsigned second = byte(i + 1);
  if (lead == 0xE0) good = good && second >= 0xA0;
  if (lead == 0xED) good = good && second <= 0x9F;
  if (lead == 0xF0) good = good && second >= 0x90;
  if (lead == 0xF4) good = good && second <= 0x8F;
  return good ? more + 1 : 0;
}

bool commands(unsigned c) {
  return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c <= 0x9F) || (c & 0xFFFEu) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

}  // namespace

std::size_t invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sound_length(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

std::string sound_utf8(std::string_view text) {
  std::string out;
  for (std::size_t bad = invalid_utf8(text); bad != std::string_view::npos; bad = invalid_utf8(text)) {
    (out += text.substr(0, bad)) += "\xEF\xBF\xBD";
    text.remove_prefix(bad + 1);
  }
  return out += text;
}

CodePoint code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(text[at + k])); };
  const unsigned lead = byte(0);
  const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  unsigned value = bytes == 1 ? lead : lead & (0x7Fu >> bytes);
  for (std::size_t k = 1; k < bytes && at + k < text.size(); ++k) value = (value << 6) | (byte(k) & 0x3F);
  return {value, bytes};
}

std::size_t control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point(text, i);
    if (commands(c.value)) return i;
    i += c.bytes;
  }
  return std::string_view::npos;
}

std::string without_controls(std::string_view text, std::string_view instead) {
  const std::string sound = sound_utf8(text);
  std::string_view rest = sound;
  std::string out;
  for (std::size_t at = control_character(rest); at != std::string_view::npos; at = control_character(rest)) {
    (out += rest.substr(0, at)) += instead;
    rest.remove_prefix(at + code_point(rest, at).bytes);
  }
  return out += rest;
}

std::string printable(std::string_view text) { return without_controls(text, "?"); }

std::string one_line(std::string_view text) {
  std::string out = printable(text);
  for (const std::string_view end : {"\n", "\xE2\x80\xA8", "\xE2\x80\xA9"})  // U+2028, U+2029
    for (std::size_t at = out.find(end); at != std::string::npos; at = out.find(end, at)) out.replace(at, end.size(), "?");
  return out;
}

std::string folded(std::string_view text, std::size_t width, std::size_t indent) {
  const auto length = [](std::string_view part) {  // in code points
    return static_cast<std::size_t>(std::count_if(part.begin(), part.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  std::string out;
  std::size_t column = 0;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(' ', from), text.size());
    const std::string_view word = text.substr(from, to - from);
    if (from > 0 && column + 1 + length(word) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (from > 0) {
      out += ' ', ++column;
    }
    out += word;
    column += length(word);
    from = to + 1;
  }
  return out;
}

}  // namespace retwin

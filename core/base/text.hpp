// Text that comes from outside: bytes made UTF-8, and characters that no terminal, picture or line of a file should meet.
#pragma once
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace retwin {

/// Offset of the first byte that is not UTF-8 (or is a NUL), npos if all is well.
std::size_t invalid_utf8(std::string_view text);

/// The text as UTF-8: U+FFFD for each byte that is none, NULs among them.
std::string sound_utf8(std::string_view text);

/// Offset of the first character of a sound text that commands a terminal or is none at all: control characters other than tab and
/// line feed, U+FFFE, U+FFFF and their like; npos if there is none.
std::size_t control_character(std::string_view text);

/// The text with `instead` for everything that control_character() finds, and sound.
std::string without_controls(std::string_view text, std::string_view instead);

/// For a terminal: "?" for everything that control_character() finds.
std::string printable(std::string_view text);
/// Likewise, and "?" for whatever some program may take for the end of a line: in a message, in a comment.
std::string one_line(std::string_view text);

/// The text in lines of at most so many characters, where its words allow; all but the first are indented.
std::string folded(std::string_view text, std::size_t width, std::size_t indent);

/// The code point that begins at an offset of a sound text, and its length in bytes.
struct CodePoint {
  unsigned value;
  std::size_t bytes;
};
CodePoint code_point(std::string_view text, std::size_t at);

/// Of ASCII.
inline bool letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
inline bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Without the white space around it.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

}  // namespace retwin

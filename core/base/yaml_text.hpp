// Texts as YAML writes them, whatever they are: the one place where what goes into a scenario file is escaped.
#pragma once
#include <string>
#include <string_view>

namespace retwin {

/// A text in double quotes: it is read back the same (bytes that are not UTF-8 as U+FFFD).
std::string yaml_quoted(std::string_view text);
/// The name of a file. @throws InputError (encoding) if it has characters that a scenario cannot have, so that nobody would find it
const std::string& nameable(const std::string& path);
/// A comment of one line.
std::string yaml_comment(std::string_view text);

}  // namespace retwin

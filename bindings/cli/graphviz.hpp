// Pictures by the program `dot` of Graphviz, started as a process of its own.
#pragma once
#include <string>

namespace retwin::cli {

/// The picture as bytes. @param format "svg", "png"  @throws InputError (file) if dot is missing or fails
std::string render(const std::string& dot_text, const std::string& format);

}  // namespace retwin::cli

// Pictures from Graphviz text through its programs `dot` and `neato`.
#pragma once
#include <string>

#include "core/graph/lanes.hpp"

namespace retwin {

/// The bytes of the picture. @param placed nodes stay where the text says  @throws InputError (file) if the program is missing or fails
std::string render(const std::string& dot_text, const std::string& format, bool placed = false);
/// The drawing that fits a page. @throws InputError (file) likewise
std::string render_lanes(LaneDrawing& drawing, const std::string& format);

}  // namespace retwin

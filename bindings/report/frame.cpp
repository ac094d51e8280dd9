// The page's bytes, which the assembler put into the program.
#include "bindings/report/frame.hpp"

extern "C" {
extern const char retwin_page_begin[];
extern const char retwin_page_end[];
}

namespace retwin {

std::string_view page_frame() { return {retwin_page_begin, retwin_page_end}; }

}  // namespace retwin

// Puts a page into the frame and writes it; what all doors share.
#include "bindings/report/page_file.hpp"

#include "bindings/report/frame.hpp"
#include "core/base/files.hpp"
#include "core/base/writable.hpp"

namespace retwin {

void check_page(const std::string& path) {
  check_writable(path, false);
  Page("", "", "").html(page_frame());
}

void write_page(const std::string& path, const Page& page) { write_file(path, page.html(page_frame())); }

}  // namespace retwin

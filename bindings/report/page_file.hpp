// The file of a page: its parts in the frame that the program has.
#pragma once
#include <string>

#include "core/report/page/page.hpp"

namespace retwin {

/// Before long work: whether a page can be written there, and the program was built with it. @throws InputError (file, conflict)
void check_page(const std::string& path);
/// Under a temporary name until it is complete, as all files. @throws InputError (file)
void write_page(const std::string& path, const Page& page);

}  // namespace retwin

// The page that shows reports in a browser, without its data; what all doors share.
#pragma once
#include <string_view>

namespace retwin {

/// HTML with program and style in it and a place for the data (see page_html); empty where the build had no npm.
std::string_view page_frame();

}  // namespace retwin

// Files that a run leaves: checked before it starts, so that no result is lost for want of a folder.
#pragma once
#include <string>

namespace retwin::cli {

/// Whether a file (or, with `folder`, files within it) could be written there; makes nothing. @throws InputError (file)
void check_writable(const std::string& path, bool folder);

}  // namespace retwin::cli

// Whether something could be written at a place, without touching it.
#pragma once
#include <string>

namespace retwin {

/// Whether a file (or, with `folder`, files within it) could be written there; makes nothing. @throws InputError (file, conflict)
void check_writable(const std::string& path, bool folder);

}  // namespace retwin

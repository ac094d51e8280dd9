// Signals that end a command: it ends at once, wherever it is, and no half-written file stays behind.
#pragma once

namespace retwin::cli {

/// From now on. Signals that are ignored already (`nohup`, `&`) stay so; a file that grows beyond a limit is an error of writing.
void end_in_order();

/// Sees to it that the three standard streams are open, so that no file of ours takes the place of one. What is printed to a closed
/// standard output fails; messages to a closed standard error are lost.
void open_standard_streams();

}  // namespace retwin::cli

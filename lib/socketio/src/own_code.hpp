// Reads the program's own code into memory, so that the first clients do not wait for it page by page, and the memory of a server at rest is that of one
// that has had clients. Does nothing where the system cannot.
#pragma once

namespace parley::socketio {

void load_own_code();

}  // namespace parley::socketio

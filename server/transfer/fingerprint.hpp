// Fingerprints of files, by which a run that starts again recognises its source: names, sizes and times of change, not contents.
#pragma once

#include <string>
#include <vector>

namespace parley::transfer {

// "" if one of them is not there.
std::string fingerprint_of_files(const std::vector<std::string>& paths);

}  // namespace parley::transfer

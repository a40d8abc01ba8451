#include "own_code.hpp"

#ifdef __linux__
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#endif

namespace parley::socketio {

#ifdef __linux__
namespace {

// Of the program itself, which dl_iterate_phdr() names first; libraries are shared with others.
int load_first_object(dl_phdr_info* object, std::size_t, void*) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
        const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
        const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
#ifdef MADV_POPULATE_READ
        (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ);  // an older kernel refuses
#else
        (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_WILLNEED);
#endif
    }
    return 1;
}

}  // namespace

void load_own_code() {
    ::dl_iterate_phdr(load_first_object, nullptr);
}
#else
void load_own_code() {}
#endif

}  // namespace parley::socketio

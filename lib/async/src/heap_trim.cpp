#include "parley/async/heap_trim.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace parley {

void HeapTrim::give_back() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

void HeapTrim::watch() {
    watched_from_ = present_;
    timer_.arm(wheel_, kQuiet);
}

void HeapTrim::on_timer() {
    if (!crowd_has_left()) return;  // others have come
    if (present_ < watched_from_) return watch();
    peak_ = present_;
    action_();
}

}  // namespace parley

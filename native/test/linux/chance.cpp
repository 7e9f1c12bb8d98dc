#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <random>

#include "test/seed.hpp"

// Threads meet where one runs between two critical sections of another, which two cores see once in
// a blue moon. So this program's locks (the linker puts these functions around them) take their
// time now and then, before they are taken and after they were given back.

namespace {

void TakeTime() {
    static std::atomic<uint32_t> threads = 0;
    // No test::Random: this may run where memory has run out.
    thread_local std::minstd_rand random{static_cast<uint32_t>(wsb::test::Seed()) + ++threads};
    switch (random() % 16) {
        case 0:
            ::usleep(random() % 200);
            break;
        case 1:
        case 2:
            ::sched_yield();
            break;
        default:
            break;
    }
}

}  // namespace

extern "C" {

int __real_pthread_mutex_lock(pthread_mutex_t* mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex);

int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {
    TakeTime();
    return __real_pthread_mutex_lock(mutex);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t* mutex) {
    const int result = __real_pthread_mutex_unlock(mutex);
    TakeTime();
    return result;
}
}

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <random>

#include "test/seed.hpp"

// A race needs one thread to run between two critical sections of another, which is very rare on
// two cores. So this program's locks, wrapped by these functions, wait at random before they are
// acquired and after they are released.

namespace {

void TakeTime() {
    static std::atomic<uint32_t> threads = 0;
    // Not test::Random, because this may run when memory has run out.
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

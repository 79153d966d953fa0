/* A preload that moves CLOCK_REALTIME, and CLOCK_BOOTTIME where a test wants a fresh boot; everything else stays.
 *
 * $FORGED_CLOCK names a file of two 64-bit integers, nanoseconds to add: {realtime, boottime}. It is mapped, so a test
 * steps the clock of a running process by writing eight bytes. A timerfd does not see such a step; see forged_clock.py.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift;

__attribute__((constructor)) static void map_shift(void) {
    const char *path = getenv("FORGED_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        fprintf(stderr, "realtime_shift: cannot map $FORGED_CLOCK\n");
        _exit(99);
    }
    close(fd);
    shift = map;
}

static void add(struct timespec *t, int64_t ns) {
    int64_t total = t->tv_nsec + ns % 1000000000;
    t->tv_sec += ns / 1000000000 + (total >= 1000000000) - (total < 0);
    t->tv_nsec = (total + 1000000000) % 1000000000;
}

int clock_gettime(clockid_t id, struct timespec *t) {
    int result = (int)syscall(SYS_clock_gettime, id, t);
    if (result == 0 && shift) {
        if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
            add(t, shift[0]);
        else if (id == CLOCK_BOOTTIME)
            add(t, shift[1]);
    }
    return result;
}

int gettimeofday(struct timeval *tv, void *zone) {
    struct timespec t;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        return -1;
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        return (time_t)-1;
    if (out)
        *out = t.tv_sec;
    return t.tv_sec;
}

int timespec_get(struct timespec *t, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, t) == 0 ? base : 0;
}

/* Stands between a node and its C library, and makes disk operations go wrong on order: the real
 * binary is tested, and no failpoint is in it.
 *
 *   FAULT_ROOT    absolute path of the data folder; only what lies below it is looked at
 *   FAULT_TRACE   file that gets one line for each operation: its point; "!" before one that struck
 *   FAULT_AT      POINT:NTH:SIDE:WHAT, e.g. wal.sync:3:after:KILL
 *                 SIDE before | after; WHAT is KILL, EIO, ENOSPC or EROFS
 *   FAULT_NOSYNC  if set, every sync is answered with success and does nothing
 *   FAULT_CLOCK   file with the seconds that the wall clock is to be wrong by, read at each look
 *
 * A point is the kind of a file and what is done to it: head.write, wal.sync, sled-db.flush.
 * An error "before" does nothing; one "after" leaves half of a write behind, or the whole of
 * anything else. ENOSPC and EROFS stay: all later operations at the point fail as well. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define POINT 48

static const char *root;
static const char *clock_file;
static int trace = -1;
static int lies;
static char at[POINT];
static unsigned long nth;
static int after;
static int kills;
static int error;
static atomic_ulong seen;

__attribute__((constructor)) static void begin(void) {
    const char *order = getenv("FAULT_AT");
    const char *file = getenv("FAULT_TRACE");
    char side[8], what[8];
    root = getenv("FAULT_ROOT");
    clock_file = getenv("FAULT_CLOCK");
    lies = getenv("FAULT_NOSYNC") != NULL;
    if (file)
        trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (order && sscanf(order, "%47[^:]:%lu:%7[^:]:%7s", at, &nth, side, what) == 4) {
        after = strcmp(side, "after") == 0;
        kills = strcmp(what, "KILL") == 0;
        error = strcmp(what, "EIO") == 0      ? EIO
                : strcmp(what, "ENOSPC") == 0 ? ENOSPC
                : strcmp(what, "EROFS") == 0  ? EROFS
                                              : 0;
    }
}

static int ends(const char *text, const char *end) {
    size_t all = strlen(text), part = strlen(end);
    return all >= part && strcmp(text + all - part, end) == 0;
}

/* The kind of a file below the root; NULL for all others. */
static const char *kind(const char *path) {
    size_t length = root ? strlen(root) : 0;
    if (!length || strncmp(path, root, length) != 0) return NULL;
    path += length;
    if (*path == 0) return "folder";
    if (*path++ != '/') return NULL;
    if (strcmp(path, "wal") == 0) return "wal-folder";
    if (strncmp(path, "wal/", 4) == 0) return ends(path, ".new") ? "wal-new" : "wal";
    if (strcmp(path, "head") == 0 || strcmp(path, "head.new") == 0) return "head";
    if (strcmp(path, "keys.slots") == 0) return "slots";
    if (strcmp(path, "sled/db") == 0) return "sled-db";
    if (strcmp(path, "sled/conf") == 0) return "sled-conf";
    if (strncmp(path, "sled/snap.", 10) == 0) return "sled-snap";
    if (strncmp(path, "sled", 4) == 0) return "sled-folder";
    return "other";
}

static void note(const char *mark, const char *point) {
    char line[POINT + 4];
    int length = snprintf(line, sizeof line, "%s%s\n", mark, point);
    if (trace >= 0) syscall(SYS_write, trace, line, length);
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether the operation is struck; a kill "before" does not return. */
static int struck(const char *path, const char *what) {
    const char *name = kind(path);
    char point[POINT];
    unsigned long count;
    if (!name) return 0;
    snprintf(point, sizeof point, "%s.%s", name, what);
    note("", point);
    if (!nth || strcmp(point, at) != 0) return 0;
    count = atomic_fetch_add(&seen, 1) + 1;
    if (count != nth && !(count > nth && (error == ENOSPC || error == EROFS))) return 0;
    note("!", point);
    if (kills && !after) die();
    return 1;
}

static int struck_fd(int fd, const char *what) {
    char link[32], path[512];
    ssize_t length;
    if (!root) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return struck(path, what);
}

/* The end of a struck operation that was done: a kill, or the error all the same. */
static long end(long result) {
    if (kills) die();
    errno = error;
    (void)result;
    return -1;
}

/* How a write is called: zeros clear a segment, the second page of one is where a use begins. */
static const char *writing(int fd, const char *bytes, size_t length, off_t offset) {
    char link[32], path[512];
    ssize_t found;
    size_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    found = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (found < 0) return "write";
    path[found] = 0;
    if (!ends(path, ".wal")) return "write";
    for (n = 0; n < length && bytes[n] == 0; n++) continue;
    return n == length ? "clear" : offset == 4096 ? "begin" : "write";
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
    if (!root || !struck_fd(fd, writing(fd, bytes, length, offset)))
        return syscall(SYS_pwrite64, fd, bytes, length, offset);
    if (error && !after) return end(-1);
    return end(syscall(SYS_pwrite64, fd, bytes, error ? length / 2 : length, offset));
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!struck_fd(fd, "write")) return syscall(SYS_write, fd, bytes, length);
    if (error && !after) return end(-1);
    return end(syscall(SYS_write, fd, bytes, error ? length / 2 : length));
}

int fsync(int fd) {
    int hit = struck_fd(fd, "sync");
    if (hit && error && !after) return (int)end(-1);
    long result = lies ? 0 : syscall(SYS_fsync, fd);
    return (int)(hit ? end(result) : result);
}

int fdatasync(int fd) {
    int hit = struck_fd(fd, "sync");
    if (hit && error && !after) return (int)end(-1);
    long result = lies ? 0 : syscall(SYS_fdatasync, fd);
    return (int)(hit ? end(result) : result);
}

int sync_file_range(int fd, off_t offset, off_t length, unsigned int flags) {
    int hit = struck_fd(fd, "flush");
    if (hit && error && !after) return (int)end(-1);
    long result = lies ? 0 : syscall(SYS_sync_file_range, fd, offset, length, flags);
    return (int)(hit ? end(result) : result);
}

int ftruncate64(int fd, off_t length) {
    int hit = struck_fd(fd, "truncate");
    if (hit && error && !after) return (int)end(-1);
    long result = syscall(SYS_ftruncate, fd, length);
    return (int)(hit ? end(result) : result);
}

int rename(const char *source, const char *target) {
    int hit = struck(source, "rename");
    if (hit && error && !after) return (int)end(-1);
    long result = syscall(SYS_renameat2, AT_FDCWD, source, AT_FDCWD, target, 0);
    return (int)(hit ? end(result) : result);
}

int unlink(const char *path) {
    int hit = struck(path, "remove");
    if (hit && error && !after) return (int)end(-1);
    long result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    return (int)(hit ? end(result) : result);
}

int open64(const char *path, int flags, ...) {
    mode_t mode = 0;
    int hit = 0;
    struct stat ignored;
    if (flags & O_CREAT) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
        hit = stat(path, &ignored) != 0 && struck(path, "create");
    }
    if (hit && error && !after) return (int)end(-1);
    long result = syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
    return (int)(hit ? end(result) : result);
}

int clock_gettime(clockid_t which, struct timespec *time) {
    long result = syscall(SYS_clock_gettime, which, time);
    if (result == 0 && clock_file && which == CLOCK_REALTIME) {
        char text[32] = {0};
        long fd = syscall(SYS_openat, AT_FDCWD, clock_file, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            if (syscall(SYS_read, fd, text, sizeof text - 1) > 0) time->tv_sec += atol(text);
            syscall(SYS_close, fd);
        }
    }
    return (int)result;
}

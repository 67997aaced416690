// Limit of hearing by fanotify: one mark on the whole file system, a queue filled with renames of one file, then read
// and looked through, the directory's handle compared. As root.
// Build: gcc -O2 -o fandrain fandrain.c   Call: ./fandrain DIRECTORY RENAMES     (DIRECTORY: empty, writable)
// Prints: microseconds, events, microseconds to make the group and the mark. The kernel merges equal events: each
// rename here is of a new name.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <time.h>
#include <unistd.h>

static char buffer[256 * 1024];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  struct {
    struct file_handle handle;
    char bytes[MAX_HANDLE_SZ];
  } own;
  char one[4400], other[4400];
  long events = 0, length;
  int mount, renames = argc == 3 ? atoi(argv[2]) : 0;
  if (renames <= 0)
    return 2;
  own.handle.handle_bytes = MAX_HANDLE_SZ;
  if (name_to_handle_at(AT_FDCWD, argv[1], &own.handle, &mount, 0))
    return 1;
  snprintf(one, sizeof one, "%s/1795000000.M0P4711.mail.example.org,S=1234:2,S", argv[1]);
  close(open(one, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));

  double begin = now();
  int queue = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY);
  if (queue < 0 || fanotify_mark(queue, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
                                 FAN_CREATE | FAN_DELETE | FAN_MOVED_FROM | FAN_MOVED_TO | FAN_ONDIR, AT_FDCWD, argv[1]))
    return 1;
  double marked = now() - begin;
  for (int i = 1; i <= renames; i++) {
    snprintf(other, sizeof other, "%s/1795000000.M%dP4711.mail.example.org,S=1234:2,S", argv[1], i);
    if (rename(one, other))
      return 1;
    strcpy(one, other);
  }

  begin = now();
  while ((length = read(queue, buffer, sizeof buffer)) > 0)
    for (struct fanotify_event_metadata *event = (void *)buffer; FAN_EVENT_OK(event, length);
         event = FAN_EVENT_NEXT(event, length)) {
      struct fanotify_event_info_fid *about = (void *)(event + 1);
      struct file_handle *handle = (void *)about->handle;
      if (event->mask & FAN_Q_OVERFLOW)
        return 1;
      events += handle->handle_bytes == own.handle.handle_bytes &&
                !memcmp(handle->f_handle, own.handle.f_handle, handle->handle_bytes);
    }
  double took = now() - begin;
  unlink(one);
  printf("%.0f %ld %.1f\n", took, events, marked);
}

// Limit of hearing: a queue filled with renames of one file, then read and looked through; nothing else is timed.
// Build: gcc -O2 -o drain drain.c      Call: ./drain DIRECTORY RENAMES     (DIRECTORY: empty, writable)
// Prints: microseconds, events, bytes of names.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define NAME "1795000000.M123456P4711.mail.example.org,S=1234:2,"

static char buffer[256 * 1024];

int main(int argc, char **argv) {
  struct timespec a, b;
  char one[4096], other[4096];
  long events = 0, names = 0, length;
  int renames = argc == 3 ? atoi(argv[2]) : 0;
  int queue = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (renames <= 0 || queue < 0)
    return 2;
  snprintf(one, sizeof one, "%s/" NAME "S", argv[1]);
  snprintf(other, sizeof other, "%s/" NAME "RS", argv[1]);
  close(open(one, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  if (inotify_add_watch(queue, argv[1], IN_MOVED_FROM | IN_MOVED_TO) < 0)
    return 1;
  for (int i = 0; i < renames; i++)
    if (rename(i % 2 ? other : one, i % 2 ? one : other))
      return 1;

  clock_gettime(CLOCK_MONOTONIC, &a);
  while ((length = read(queue, buffer, sizeof buffer)) > 0)
    for (char *at = buffer; at < buffer + length;) {
      struct inotify_event *event = (void *)at;
      at += sizeof *event + event->len;
      if (event->mask & IN_Q_OVERFLOW)
        return 1;
      events++;
      names += strlen(event->name);
    }
  clock_gettime(CLOCK_MONOTONIC, &b);
  unlink(one);
  unlink(other);
  printf("%.0f %ld %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, events, names);
}

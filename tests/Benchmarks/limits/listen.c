// Limit of following deliveries: waits for renames into new, appends one line to maildirsize for each, without a check.
// Build: gcc -O2 -o listen listen.c    Call: ./listen STORE MAILBOXES COMMAND...      (COMMAND: deliver.c with its words)
// Prints: p50, p99, longest microseconds from the rename to the line appended, deliveries, events lost (0 or 1).
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 10000000

static char buffer[256 * 1024];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
  double x = *(double *)a, y = *(double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  char path[4300];
  int queue = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), mailboxes, lost = 0, ended = 0;
  long heard = 0, length;
  if (argc < 4 || queue < 0)
    return 2;
  mailboxes = atoi(argv[2]);
  int *of = calloc(mailboxes + 2, sizeof *of);
  double *took = malloc(MOST * sizeof *took);
  for (int i = 0; i < mailboxes; i++) {
    snprintf(path, sizeof path, "%s/m%06d/Maildir/new", argv[1], i);
    int watch = inotify_add_watch(queue, path, IN_MOVED_TO);
    if (watch < 0)
      return 1;
    of[watch] = i;
  }
  pid_t writer = fork();
  if (writer == 0) {
    freopen("/dev/null", "w", stdout);
    execv(argv[3], argv + 3);
    _exit(127);
  }
  for (struct pollfd ready = {queue, POLLIN, 0};;) {
    if (poll(&ready, 1, 50) == 0) {
      if (ended)
        break;
      ended = waitpid(writer, &lost, WNOHANG) == writer;
      if (ended && lost)
        return 1;
      continue;
    }
    length = read(queue, buffer, sizeof buffer);
    for (char *at = buffer; at < buffer + length;) {
      struct inotify_event *event = (void *)at;
      at += sizeof *event + event->len;
      if (event->mask & IN_Q_OVERFLOW) {
        lost = 1;
        continue;
      }
      snprintf(path, sizeof path, "%s/m%06d/Maildir/maildirsize", argv[1], of[event->wd]);
      int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
      if (fd < 0 || write(fd, "        1234            1\n", 26) != 26)
        return 1;
      close(fd);
      took[heard++] = now() - strtoull(strstr(event->name, ".M") + 2, NULL, 10) / 1e3;
    }
  }
  if (heard == 0)
    return 1;
  qsort(took, heard, sizeof *took, ascending);
  printf("%.1f %.1f %.1f %ld %d\n", took[heard / 2], took[(long)(heard * 0.99)], took[heard - 1], heard, lost);
}

// The writer of the latency tests: mailboxes of a store (see mkstore.c) in turn, write in tmp, rename into new.
// Build: gcc -O2 -o deliver deliver.c   Call: ./deliver STORE MAILBOXES RATE SECONDS STAMPS    (RATE 0: unthrottled)
// The name says when (CLOCK_MONOTONIC, nanoseconds, just before the rename); STAMPS gets "mailbox when" for each.
// Prints: microseconds, deliveries.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MOST 10000000

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int main(int argc, char **argv) {
  char from[4300], to[4300];
  if (argc != 6)
    return 2;
  int mailboxes = atoi(argv[2]);
  double rate = atof(argv[3]);
  uint64_t *stamps = malloc(MOST * sizeof *stamps), begin = now(), end = begin + (uint64_t)(atof(argv[4]) * 1e9);
  long done = 0;
  FILE *out = fopen(argv[5], "w");
  for (; now() < end && done < MOST; done++) {
    uint64_t due = rate > 0 ? begin + (uint64_t)(done * 1e9 / rate) : 0, at = now();
    if (due > at) {
      struct timespec pause = {(due - at) / 1000000000, (due - at) % 1000000000};
      nanosleep(&pause, NULL);
    }
    snprintf(from, sizeof from, "%s/m%06ld/Maildir/tmp/%ld", argv[1], done % mailboxes, done);
    int fd = open(from, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "Subject: bench\n\nOne.\n", 21) != 21)
      return 1;
    close(fd);
    stamps[done] = now();
    snprintf(to, sizeof to, "%s/m%06ld/Maildir/new/%ld.M%luP%d.mail.example.org,S=1234", argv[1], done % mailboxes,
             (long)time(NULL), (unsigned long)stamps[done], getpid());
    if (rename(from, to))
      return 1;
  }
  printf("%.0f %ld\n", (now() - begin) / 1e3, done);
  for (long i = 0; i < done; i++)
    fprintf(out, "%ld %lu\n", i % mailboxes, (unsigned long)stamps[i]);
  return fclose(out) != 0;
}

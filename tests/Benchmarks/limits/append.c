// Limit of writing: open, write one line, close, over and over. Starts anew before 5120 bytes, untimed.
// Build: gcc -O2 -o append append.c    Call: ./append FILE TIMES
// Prints: microseconds, lines.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HEADER "1000000000S\n"
#define LINE "        1234            1\n"
#define LINES 150

int main(int argc, char **argv) {
  struct timespec a, b;
  double microseconds = 0;
  int times = argc == 3 ? atoi(argv[2]) : 0, done = 0;
  while (done < times) {
    int fd = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, HEADER, sizeof HEADER - 1) < 0)
      return 1;
    close(fd);
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < LINES && done < times; i++, done++) {
      fd = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
      if (fd < 0 || write(fd, LINE, sizeof LINE - 1) != sizeof LINE - 1)
        return 1;
      close(fd);
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    microseconds += (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3;
  }
  unlink(argv[1]);
  printf("%.0f %d\n", microseconds, done);
}

// Makes mailboxes quickly: STORE/mNNNNNN/Maildir with FOLDERS folders beside INBOX, MESSAGES spread over all of them,
// and a maildirsize that is right. Folders get new and cur only: tmp is not needed and would be a third more inodes.
// Build: gcc -O2 -o mkstore mkstore.c   Call: ./mkstore STORE FIRST END FOLDERS MESSAGES sized|unsized
// sized: empty files whose names say the size (,S=). unsized: sparse files of that size. The names are those of
// src/Daemon/Cli/Bench/BenchMailbox.cs, which goes on where this ends.
// Prints: microseconds, messages, directories.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static long messages, directories, bytes;
static int sized, number, last; // this mailbox, its next message

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int make(int parent, const char *name) {
  int fd;
  if (mkdirat(parent, name, 0700) && errno != EEXIST)
    fail(name);
  directories++;
  if ((fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
    fail(name);
  return fd;
}

static void fill(int cur, int count) {
  char name[128];
  for (int i = 0; i < count; i++) {
    int size = 1000 + last % 5000, fd;
    if (sized)
      snprintf(name, sizeof name, "1600000000.M%dP%d.bench,S=%d:2,S", last++, number, size);
    else
      snprintf(name, sizeof name, "1600000000.M%dP%d.bench:2,S", last++, number);
    if ((fd = openat(cur, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)) < 0)
      fail(name);
    if (!sized && ftruncate(fd, size))
      fail(name);
    close(fd);
    messages++;
    bytes += size;
  }
}

static void folder(int fd, int count) {
  int cur = make(fd, "cur");
  close(make(fd, "new"));
  fill(cur, count);
  close(cur);
}

static void mailbox(int store, int folders, int count) {
  char name[64];
  snprintf(name, sizeof name, "m%06d", number);
  int user = make(store, name), root = make(user, "Maildir"), ledger;
  bytes = last = 0;
  close(make(root, "tmp"));
  folder(root, count / (folders + 1) + count % (folders + 1));
  for (int i = 0; i < folders; i++) {
    snprintf(name, sizeof name, ".Folder%d", i);
    int fd = make(root, name);
    folder(fd, count / (folders + 1));
    close(fd);
  }
  if ((ledger = openat(root, "maildirsize", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)) < 0 ||
      dprintf(ledger, "1099511627776S\n%12ld %12ld\n", bytes, (long)last) < 0)
    fail("maildirsize");
  close(ledger);
  close(root);
  close(user);
}

int main(int argc, char **argv) {
  struct timespec a, b;
  if (argc != 7)
    return 2;
  sized = !strcmp(argv[6], "sized");
  clock_gettime(CLOCK_MONOTONIC, &a);
  int store = make(AT_FDCWD, argv[1]);
  for (number = atoi(argv[2]); number < atoi(argv[3]); number++)
    mailbox(store, atoi(argv[4]), atoi(argv[5]));
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.0f %ld %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, messages, directories);
}

// Limit of a recount: the names in cur and new of every Maildir, their ,S= added up. One thread.
// Build: gcc -O2 -o scan scan.c        Call: ./scan STORE     (STORE holds NAME/Maildir)
// Prints: microseconds, messages, bytes.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct record { // struct linux_dirent64, getdents64(2)
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
};

static long messages, bytes;
static char buffer[64 * 1024];

static long size_in(const char *name) {
  const char *key = strstr(name, ",S=");
  return key ? strtol(key + 3, NULL, 10) : 0;
}

static void count(int parent, const char *path) {
  int fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  long length;
  if (fd < 0)
    return;
  while ((length = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < length;) {
      struct record *entry = (void *)(buffer + at);
      at += entry->length;
      if (entry->name[0] == '.')
        continue;
      messages++;
      bytes += size_in(entry->name);
    }
  close(fd);
}

static void mailbox(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *root = fd < 0 ? NULL : fdopendir(fd);
  struct dirent *entry;
  char half[300];
  if (!root)
    return;
  count(fd, "new");
  count(fd, "cur");
  while ((entry = readdir(root))) {
    if (entry->d_name[0] != '.' || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
      continue;
    snprintf(half, sizeof half, "%s/new", entry->d_name);
    count(fd, half);
    snprintf(half, sizeof half, "%s/cur", entry->d_name);
    count(fd, half);
  }
  closedir(root);
}

int main(int argc, char **argv) {
  struct timespec a, b;
  DIR *store = argc == 2 ? opendir(argv[1]) : NULL;
  struct dirent *entry;
  char path[4096];
  if (!store)
    return 2;
  clock_gettime(CLOCK_MONOTONIC, &a);
  while ((entry = readdir(store)))
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s/Maildir", argv[1], entry->d_name);
      mailbox(path);
    }
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.0f %ld %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, messages, bytes);
}

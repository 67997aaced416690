// Limit of a recount: the names in cur and new of every Maildir, their ,S= added up; a name without is asked for by
// fstatat. Mailboxes are shared out among the threads.
// Build: gcc -O2 -pthread -o scan scan.c   Call: ./scan STORE [THREADS]     (STORE holds NAME/Maildir)
// Prints: microseconds, messages, bytes.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

#define MOST 1000000

static char *mailboxes[MOST];
static int found;
static atomic_int next;
static atomic_long all_messages, all_bytes;
static _Thread_local long messages, bytes;
static _Thread_local char buffer[64 * 1024];

static long size_of(int directory, const char *name) {
  struct stat status;
  const char *key = strstr(name, ",S=");
  if (key)
    return strtol(key + 3, NULL, 10);
  return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) ? 0 : status.st_size;
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
      bytes += size_of(fd, entry->name);
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

static void *work(void *unused) {
  for (int i; (i = next++) < found;)
    mailbox(mailboxes[i]);
  all_messages += messages;
  all_bytes += bytes;
  return unused;
}

int main(int argc, char **argv) {
  struct timespec a, b;
  DIR *store = argc >= 2 ? opendir(argv[1]) : NULL;
  pthread_t others[64];
  struct dirent *entry;
  char path[4096];
  int threads = argc == 3 ? atoi(argv[2]) : 1;
  if (!store || threads < 1 || threads > 64)
    return 2;
  clock_gettime(CLOCK_MONOTONIC, &a);
  while (found < MOST && (entry = readdir(store)))
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s/Maildir", argv[1], entry->d_name);
      mailboxes[found++] = strdup(path);
    }
  for (int i = 1; i < threads; i++)
    if (pthread_create(&others[i], NULL, work, NULL))
      return 1;
  work(NULL);
  for (int i = 1; i < threads; i++)
    pthread_join(others[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.0f %ld %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, all_messages, all_bytes);
}

// Limit of a count that several cores share: many mailboxes are shared out; of a single one, the messages whose name has
// no ,S= are, half by half. Build: gcc -O2 -pthread -o split split.c     Call: ./split STORE THREADS
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

struct share {
  int fd;
  char **names;
  long from, to;
};

#define MOST 100000
#define BATCH (64 * 1024)

static char *mailboxes[MOST];
static int found, threads;
static atomic_int next;
static atomic_long messages, bytes;

static void *ask(void *argument) {
  struct share *share = argument;
  struct stat status;
  long sum = 0;
  for (long i = share->from; i < share->to; i++)
    if (!fstatat(share->fd, share->names[i], &status, AT_SYMLINK_NOFOLLOW))
      sum += status.st_size;
  bytes += sum;
  return NULL;
}

static void count(const char *mailbox, const char *half) {
  static _Thread_local char *text, **names;
  static _Thread_local long room, places;
  char path[4096];
  long end = 0, length, asked = 0;
  snprintf(path, sizeof path, "%s/%s", mailbox, half);
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int keep = threads > 1 && found == 1;
  if (fd < 0)
    return;
  for (;;) {
    if (room - end < BATCH)
      text = realloc(text, room = 2 * room + BATCH);
    if ((length = syscall(SYS_getdents64, fd, text + end, BATCH)) <= 0)
      break;
    long first = asked;
    for (long at = end; at < end + length; at += ((struct record *)(text + at))->length) {
      char *name = ((struct record *)(text + at))->name, *key;
      if (name[0] == '.')
        continue;
      messages++;
      if ((key = strstr(name, ",S="))) {
        bytes += strtol(key + 3, NULL, 10);
        continue;
      }
      if (asked == places)
        names = realloc(names, (places = 2 * places + 1024) * sizeof *names);
      names[asked++] = (char *)(name - text); // text may move
    }
    if (keep) {
      end += length;
      continue;
    }
    for (long i = first; i < asked; i++)
      names[i] = text + (long)names[i];
    ask(&(struct share){fd, names, first, asked});
    asked = 0;
  }
  if (keep) {
    struct share shares[64];
    pthread_t others[64];
    for (long i = 0; i < asked; i++)
      names[i] = text + (long)names[i];
    for (int i = 0; i < threads; i++)
      shares[i] = (struct share){fd, names, asked * i / threads, asked * (i + 1) / threads};
    for (int i = 1; i < threads; i++)
      if (pthread_create(&others[i], NULL, ask, &shares[i]))
        exit(1);
    ask(&shares[0]);
    for (int i = 1; i < threads; i++)
      pthread_join(others[i], NULL);
  }
  close(fd);
}

static void *work(void *unused) {
  for (int i; (i = next++) < found;) {
    count(mailboxes[i], "new");
    count(mailboxes[i], "cur");
  }
  return unused;
}

int main(int argc, char **argv) {
  struct timespec a, b;
  DIR *store = argc == 3 ? opendir(argv[1]) : NULL;
  pthread_t others[64];
  struct dirent *entry;
  char path[4096];
  threads = argc == 3 ? atoi(argv[2]) : 0;
  if (!store || threads < 1 || threads > 64)
    return 2;
  clock_gettime(CLOCK_MONOTONIC, &a);
  while (found < MOST && (entry = readdir(store)))
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
      mailboxes[found++] = strdup(path);
    }
  for (int i = 1; i < threads && found > 1; i++)
    if (pthread_create(&others[i], NULL, work, NULL))
      return 1;
  work(NULL);
  for (int i = 1; i < threads && found > 1; i++)
    pthread_join(others[i], NULL);
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.0f %ld %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, messages, bytes);
}

// Limits of fanotify: one mark and the handle of root, new and cur of each Maildir, kept in a table; or a queue filled
// with creations in a directory that is in the table, or is not, read and looked up, nothing else timed.
// Build: gcc -O2 -o fan fan.c      Call: ./fan watch STORE | ./fan drain DIRECTORY FILES | ./fan drop DIRECTORY FILES
// Prints: microseconds, watches or events. Needs CAP_SYS_ADMIN and Linux 5.17.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif
#define SLOTS (1 << 20)

static uint64_t table[SLOTS];
static char buffer[64 * 1024];
static long watches;

// The first eight bytes of a handle are all of it on ext4 and xfs.
static uint64_t *slot(uint64_t key) {
  size_t at = (key * 0x9E3779B97F4A7C15ull >> 20) % SLOTS;
  while (table[at] && table[at] != key)
    at = (at + 1) % SLOTS;
  return &table[at];
}

static void add(const char *folder, const char *half) {
  char path[5000];
  struct {
    struct file_handle head;
    char bytes[128];
  } handle = {.head.handle_bytes = 128};
  uint64_t key;
  int mount;
  snprintf(path, sizeof path, "%s/%s", folder, half);
  if (name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0))
    return;
  memcpy(&key, handle.head.f_handle, 8);
  *slot(key) = key;
  watches++;
}

static void mailbox(const char *path) {
  char folder[4700];
  struct dirent *entry;
  DIR *root;
  add(path, ".");
  add(path, "new");
  add(path, "cur");
  if (!(root = opendir(path)))
    return;
  while ((entry = readdir(root)))
    if (entry->d_name[0] == '.' && entry->d_name[1] && entry->d_name[1] != '.') {
      snprintf(folder, sizeof folder, "%s/%s", path, entry->d_name);
      add(folder, "new");
      add(folder, "cur");
    }
  closedir(root);
}

int main(int argc, char **argv) {
  struct timespec a, b;
  char path[4400];
  long found = 0, length, files = argc == 4 ? atol(argv[3]) : 0;
  if (argc < 3)
    return 2;
  clock_gettime(CLOCK_MONOTONIC, &a);
  int queue = fanotify_init(
      FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_NONBLOCK | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE, O_RDONLY);
  if (queue < 0
      || fanotify_mark(queue, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
                       FAN_CREATE | FAN_DELETE | FAN_RENAME | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ONDIR, AT_FDCWD,
                       argv[2]))
    return 1;
  if (!strcmp(argv[1], "watch")) {
    struct dirent *entry;
    DIR *store = opendir(argv[2]);
    while (store && (entry = readdir(store)))
      if (entry->d_name[0] != '.') {
        snprintf(path, sizeof path, "%s/%s/Maildir", argv[2], entry->d_name);
        mailbox(path);
      }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.0f %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, watches);
    return 0;
  }

  int drop = !strcmp(argv[1], "drop");
  snprintf(path, sizeof path, "%s/other", argv[2]);
  mkdir(path, 0700);
  add(argv[2], ".");
  for (int pass = 0; pass < 2; pass++) {
    if (pass)
      clock_gettime(CLOCK_MONOTONIC, &a);
    while (pass && (length = read(queue, buffer, sizeof buffer)) > 0) {
      struct fanotify_event_metadata *event = (void *)buffer;
      for (; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
        struct fanotify_event_info_fid *info = (void *)(event + 1);
        struct file_handle *handle = (void *)info->handle;
        uint64_t key;
        memcpy(&key, handle->f_handle, 8);
        if (*slot(key))
          found += strlen((char *)handle->f_handle + handle->handle_bytes) > 0;
      }
    }
    if (pass)
      clock_gettime(CLOCK_MONOTONIC, &b);
    for (long i = 0; i < files; i++) {
      snprintf(path, sizeof path, "%s/%s1795000000.M%06ldP4711.mail.example.org,S=1234:2,S", argv[2],
               drop ? "other/" : "", i);
      if (pass)
        unlink(path);
      else
        close(open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600));
    }
  }
  if (found < (drop ? 0 : files))
    return 1;
  printf("%.0f %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, files);
}

// Limit of starting to watch: find the folders of every Maildir, inotify_add_watch on root, new and cur of each; with
// "read", and read the names in new and cur, as whoever must know what is in them does.
// Build: gcc -O2 -o watch watch.c      Call: ./watch STORE [read]     (STORE holds NAME/Maildir)
// Prints: microseconds, watches.
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

#define CHANGES (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

static int queue;
static long watches;
static int reads;

static void add(const char *folder, const char *half, unsigned mask) {
  char path[5000];
  snprintf(path, sizeof path, "%s/%s", folder, half);
  watches += inotify_add_watch(queue, path, mask) >= 0;
  if (reads && half[0] != '.') {
    DIR *messages = opendir(path);
    while (messages && readdir(messages))
      ;
    if (messages)
      closedir(messages);
  }
}

static void mailbox(const char *path) {
  char folder[4700];
  struct dirent *entry;
  DIR *root;
  add(path, ".", CHANGES | IN_MODIFY);
  add(path, "new", CHANGES | IN_CLOSE_WRITE);
  add(path, "cur", CHANGES | IN_CLOSE_WRITE);
  if (!(root = opendir(path)))
    return;
  while ((entry = readdir(root)))
    if (entry->d_name[0] == '.' && strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
      snprintf(folder, sizeof folder, "%s/%s", path, entry->d_name);
      add(folder, "new", CHANGES | IN_CLOSE_WRITE);
      add(folder, "cur", CHANGES | IN_CLOSE_WRITE);
    }
  closedir(root);
}

int main(int argc, char **argv) {
  reads = argc > 2;
  struct timespec a, b;
  char path[4400];
  struct dirent *entry;
  DIR *store = argc >= 2 ? opendir(argv[1]) : NULL;
  queue = inotify_init1(IN_CLOEXEC);
  if (!store || queue < 0)
    return 2;
  clock_gettime(CLOCK_MONOTONIC, &a);
  while ((entry = readdir(store)))
    if (entry->d_name[0] != '.') {
      snprintf(path, sizeof path, "%s/%s/Maildir", argv[1], entry->d_name);
      mailbox(path);
    }
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.0f %ld\n", (b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3, watches);
}

// reckon - the pipeline is the command's; here is only which command it is.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/generate.h"
#include "cli/options.h"
#include "core/log.h"
#include "core/suggest.h"
#include "trial/worker.h"

static void print_version(void) {
    printf("reckon %s\n", RECKON_VERSION);
}

static int unknown_command(const char *word) {
    const char *names[32];
    size_t n = 0;
    for (; n < command_count() && n < 32; n++) names[n] = command_nth(n)->id;
    const char *near = suggest_nearest(word, names, n);
    fprintf(stderr, "reckon: there is no command \"%s\"", word);
    if (near) fprintf(stderr, "; did you mean \"%s\"?", near);
    fputs("\n\n", stderr);
    options_print_usage(stderr);
    return EXIT_USAGE;
}

static int run_command(const struct command *command, int argc, char **argv) {
    struct arguments a = {0};
    struct error e = {0};
    int code = EXIT_USAGE;
    if (!options_parse(command, argc, argv, 2, &a, &e)) {
        fprintf(stderr, "reckon: %s\n", e.text);
    } else if (a.help) {
        options_print_help(command, stdout);
        code = EXIT_DONE;
    } else if (a.version) {
        print_version();
        code = EXIT_DONE;
    } else {
        log_set_verbosity(a.verbose ? LOG_VERBOSE : a.quiet ? LOG_QUIET : LOG_NORMAL);
        code = command->main(&a);
    }
    options_done(&a);
    return code;
}

// Closed standard streams are opened, so that no file of ours gets their numbers and then what is
// printed; stdout in a way that printing to it still fails.
static void fill_standard_streams(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
}

int main(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "";
    int code = EXIT_DONE;
    fill_standard_streams();
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error of writing, told as such
    if (strcmp(word, "--worker") == 0) return worker_main();
    const struct command *command = command_find(word);
    if (command) {
        code = run_command(command, argc, argv);
    } else if (strcmp(word, "--generate") == 0) {
        code = generate_main(argv[2]);
    } else if (strcmp(word, "--version") == 0) {
        print_version();
    } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        options_print_usage(stdout);
    } else if (argc < 2) {
        options_print_usage(stderr);
        code = EXIT_USAGE;
    } else {
        code = unknown_command(word);
    }
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "reckon: stdout cannot be written\n");
        if (code == EXIT_DONE) code = EXIT_FAILED;
    }
    return code;
}

// bundle_own.h - what writing and reading a bundle share.
#ifndef RECKON_REPORT_BUNDLE_OWN_H
#define RECKON_REPORT_BUNDLE_OWN_H

#define BUNDLE_MANIFEST "manifest.json"

// Bytes of names, of manifests, of a file that is asked for, of all files together; files.
enum { BUNDLE_VERSION = 1, BUNDLE_MOST_NAME = 300, BUNDLE_MOST_FILES = 1000000 };
#define BUNDLE_MOST_MANIFEST (256ull << 20)
#define BUNDLE_MOST_BYTES (512ull << 20)
#define BUNDLE_MOST_ALL (1ull << 40)

#endif

// registry.h - lists that a source file joins by itself: data formats, split methods, metrics,
// report writers. To add one, add its file to the folder; nothing else names it.
//
//     REGISTRY_ADD(split_method, kfold) = { .id = "kfold", ... };     // in split/kfold.c
//     REGISTRY(split_method)                                          // once, in split/split.c
//     for (size_t k = 0; k < split_method_count(); k++) ... split_method_nth(k) ...
//
// The linker gathers pointers to the entries in one section, in the order of linking; entries are
// handed out sorted by `id`, so that no listing depends on it.
#ifndef RECKON_CORE_REGISTRY_H
#define RECKON_CORE_REGISTRY_H

#include <stddef.h>
#include <string.h>

#define REGISTRY_ADD(type, name) \
    static const struct type type##_##name##_entry; \
    static const struct type *const type##_##name##_listed \
        __attribute__((section("reckon_" #type), used)) = &type##_##name##_entry; \
    static const struct type type##_##name##_entry

#define REGISTRY(type) \
    extern const struct type *const __start_reckon_##type[]; \
    extern const struct type *const __stop_reckon_##type[]; \
    size_t type##_count(void) { \
        return (size_t)(__stop_reckon_##type - __start_reckon_##type); \
    } \
    const struct type *type##_nth(size_t k) { \
        for (size_t at = 0; at < type##_count(); at++) { \
            size_t before = 0; \
            for (size_t other = 0; other < type##_count(); other++) \
                before += \
                    strcmp(__start_reckon_##type[other]->id, __start_reckon_##type[at]->id) < 0; \
            if (before == k) return __start_reckon_##type[at]; \
        } \
        return NULL; \
    } \
    const struct type *type##_find(const char *id) { \
        for (size_t k = 0; k < type##_count(); k++) \
            if (strcmp(__start_reckon_##type[k]->id, id) == 0) return __start_reckon_##type[k]; \
        return NULL; \
    }

// For the header: declares what REGISTRY() defines. `_find` gives NULL for an unknown id.
#define REGISTRY_DECLARE(type) \
    size_t type##_count(void); \
    const struct type *type##_nth(size_t k); \
    const struct type *type##_find(const char *id);

#endif

/* A msgpack value as a tree that owns its memory: header fields, keys of a record that no filter knows,
 * the configuration of a model. Knows nothing of the wire (stream/codec.h does). */
#ifndef MFC_VALUE_H
#define MFC_VALUE_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mfc_type {
	MFC_NIL, MFC_BOOL, MFC_INT, MFC_UINT, MFC_FLOAT32, MFC_FLOAT64, MFC_STR, MFC_BIN, MFC_LIST, MFC_MAP, MFC_EXT,
	MFC_LOST   /* no value: there was no memory for it */
};

/* size: bytes of str, bin and ext (str is followed by a 0 that size does not count and may hold others);
 * items of a list; pairs of a map, which are items[2i] (key) and items[2i+1] (value), in wire order. */
struct mfc_value {
	enum mfc_type type;
	int8_t ext;          /* the application type of an ext */
	size_t size;
	union {
		bool boolean;
		int64_t integer;     /* MFC_INT: negative numbers only; others are MFC_UINT */
		uint64_t natural;
		double real;
		char *bytes;
		struct mfc_value *items;
	};
};

/* Makers. str and bin copy; on a failed allocation the value is MFC_LOST, which push and put refuse. */
struct mfc_value mfc_value_nil(void);
struct mfc_value mfc_value_bool(bool b);
struct mfc_value mfc_value_int(int64_t i);
struct mfc_value mfc_value_uint(uint64_t u);
struct mfc_value mfc_value_real(double r);
struct mfc_value mfc_value_str(const char *s);
struct mfc_value mfc_value_bin(const void *data, size_t size);
struct mfc_value mfc_value_list(void);
struct mfc_value mfc_value_map(void);

/* Free what v owns and make it nil. */
void mfc_value_clear(struct mfc_value *v);
/* A deep copy; 0, or -1 when memory fails (*to is nil then). */
int mfc_value_copy(struct mfc_value *to, const struct mfc_value *from, struct mfc_error *err);

/* The memory that it takes, about. */
size_t mfc_value_bytes(const struct mfc_value *v);

/* Give an empty list or map `size` items or pairs that are nil, to be filled in. */
int mfc_value_room(struct mfc_value *v, size_t size, struct mfc_error *err);

/* Append to a list, taking ownership of item (also on failure: it is cleared then). A lost item is a failure. */
int mfc_value_push(struct mfc_value *list, struct mfc_value item, struct mfc_error *err);
/* Set map[key], replacing in place or appending; takes ownership of item as push does. */
int mfc_value_put(struct mfc_value *map, const char *key, struct mfc_value item, struct mfc_error *err);
/* Remove map[key] if there; true when it was. */
bool mfc_value_drop(struct mfc_value *map, const char *key);
/* map[key], borrowed, or NULL when v is no map or has no such key. */
struct mfc_value *mfc_value_get(const struct mfc_value *map, const char *key);

/* Conversions: NULL or false when v is NULL or of another type (a str with an embedded 0 is no C string). */
const char *mfc_value_as_string(const struct mfc_value *v);
bool mfc_value_as_real(const struct mfc_value *v, double *out);    /* any number */
bool mfc_value_as_size(const struct mfc_value *v, size_t *out);    /* a natural number, as integer or whole float */

#endif

/* Private to lib/metric. Points that have a price, searched in space: which is the cheapest from here, the distance or its square counted in,
 * and which cost less than so much. The pricing of arcs in a transport between clouds: most points are never looked at. */
#ifndef MFC_PRICING_H
#define MFC_PRICING_H

#include "error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MFC_BLOCK 16   /* points in a block, the leaf of the search */

/* Points in blocks, near one to near one, with the box around each. A point's value at q is its cost |q - point|, or |q - point|² where they are
 * squared, and price. A zeroed struct is empty. */
struct mfc_pricing {
	size_t n, dim, blocks;
	bool squared;
	double *point;      /* (blocks, dim, MFC_BLOCK) */
	double *price;      /* (blocks, MFC_BLOCK), infinite beyond n: change by mfc_pricing_set */
	int32_t *index;     /* (n) which of the points given each is */
	/* what mfc_pricing_below found */
	int32_t *found;     /* (blocks · MFC_BLOCK) */
	double *cost;       /* (blocks · MFC_BLOCK) its cost */
	double *value;      /* (blocks · MFC_BLOCK) its cost and price */
	/* the search's */
	float *near_point, *near_price;   /* points and prices as float */
	float *floor;       /* (blocks) the least price of each */
	float *low, *high;  /* (dim, blocks) boxes */
	float *beyond;      /* (blocks) */
	uint8_t *mask;      /* (blocks) */
	int32_t *open;      /* (blocks) */
	float *q;           /* (dim) where it is from */
	size_t room, room_dim;
};

/* Take in scale · (points - origin) with prices of 0; points (n, dim), origin (dim). Grows what is there. Rounding to float, and so the search,
 * is made for coordinates between -1 and 1. */
int mfc_pricing_build(struct mfc_pricing *p, size_t n, size_t dim, const float *points, const double *origin, double scale, bool squared,
    struct mfc_error *err);
void mfc_pricing_clear(struct mfc_pricing *p);

/* Where point j is: to (dim). */
void mfc_pricing_point(const struct mfc_pricing *p, size_t j, double *to);
void mfc_pricing_set(struct mfc_pricing *p, size_t j, double price);

/* The two of the least value at q: second is infinite where n is 1. Two different guesses of them, less than n, make it
 * fast, whatever they are; where n is 1 both are 0. */
struct mfc_offer { double first, second; int32_t at, next; };
struct mfc_offer mfc_pricing_two(struct mfc_pricing *p, const double *q, int32_t guess, int32_t other);
/* The same in float: the values are right to its rounding, and so is the choice. */
struct mfc_offer mfc_pricing_near(struct mfc_pricing *p, const double *q, int32_t guess, int32_t other);

/* All of a value below bound at q, into found, cost and value: how many. */
size_t mfc_pricing_below(struct mfc_pricing *p, const double *q, double bound);

#endif

/* A mesh reader as a target: what was read keeps the promises of load/mesh.h, and can be sampled. */
#ifndef FUZZ_MESH_H
#define FUZZ_MESH_H

#include "fuzz.h"
#include "load/sample.h"

#include <math.h>

#define POINTS 16

/* Each array is of one row a vertex. */
static inline void require_extra(struct mfc_mesh *mesh)
{
	struct mfc_array a;
	REQUIRE(mesh->extra.type == MFC_MAP);
	for (size_t i = 0; i < mesh->extra.size; i++)
		REQUIRE(mfc_array_view(&mesh->extra.items[2 * i + 1], &a) && a.shape[0] == mesh->vertices);
}

static inline void require_sound(struct mfc_mesh *mesh)
{
	REQUIRE(mesh->vertices > 0 && mesh->dim > 0 && (mesh->dim == 3 || mesh->triangles == 0));
	for (size_t i = 0; i < mesh->vertices * mesh->dim; i++)
		REQUIRE(isfinite(mesh->position[i]));
	for (size_t i = 0; i < 3 * mesh->triangles; i++)
		REQUIRE(mesh->triangle[i] < mesh->vertices);
	require_extra(mesh);
	REQUIRE(mfc_mesh_check(mesh, NULL) == 0);
}

/* Points of a surface, or some of the vertices where there is none; too few of them, or no area, is an error. */
static inline void sample(struct mfc_mesh *mesh, struct mfc_error *err)
{
	struct mfc_cloud cloud;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	mfc_cloud_init(&cloud);
	if (mfc_sample(&cloud, mesh, MFC_SAMPLE_AREA, POINTS, mesh->triangles > 0, &rng, err)) {
		require_message(err);
	} else {
		REQUIRE(cloud.n == POINTS && cloud.dim == mesh->dim);
		for (size_t i = 0; i < POINTS * cloud.dim; i++)
			REQUIRE(isfinite(cloud.x[i]));
	}
	mfc_cloud_clear(&cloud);
}

static inline int fuzz_mesh(mfc_mesh_reader *reader, const uint8_t *data, size_t size)
{
	struct mfc_mesh mesh;
	struct mfc_error err = { 0 };
	char *copy = exact_copy(data, size);
	mfc_mesh_init(&mesh);
	if (reader(&mesh, copy, size, &err)) {
		require_message(&err);
	} else {
		require_sound(&mesh);
		sample(&mesh, &err);
	}
	mfc_mesh_clear(&mesh);
	free(copy);
	return 0;
}

#endif

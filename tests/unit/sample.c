/* Sampling of surfaces, normalisation, augmentation, layouts. */
#include "check.h"
#include "load/layout.h"
#include "load/sample.h"
#include "load/transform.h"

#include <math.h>
#include <string.h>

/* The unit square as one large and two small triangles. */
static void square(struct mfc_mesh *m)
{
	const double corner[][3] = { { 0, 0, 0 }, { 1, 0, 0 }, { 1, 1, 0 }, { 0, 1, 0 }, { 1, 0.2, 0 } };
	mfc_mesh_init(m);
	for (int i = 0; i < 5; i++)
		mfc_mesh_add_vertex(m, corner[i], NULL);
	mfc_mesh_add_triangle(m, 0, 1, 4, NULL);
	mfc_mesh_add_triangle(m, 0, 4, 2, NULL);
	mfc_mesh_add_triangle(m, 0, 2, 3, NULL);
}

static void sampling(void)
{
	enum { N = 40000, CELLS = 8 };
	struct mfc_mesh mesh;
	struct mfc_cloud cloud;
	struct mfc_error err;
	struct mfc_rng rng = mfc_rng_make(1, MFC_RNG_TEST, 0, 0);
	double chi = 0, expected = (double)N / (CELLS * CELLS);
	size_t count[CELLS * CELLS] = { 0 };
	square(&mesh);
	mfc_cloud_init(&cloud);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, N, false, &rng, &err) == 0 && cloud.n == N && cloud.dim == 3, "a surface is sampled");
	for (size_t i = 0; i < N; i++)
		count[(size_t)(cloud.x[3 * i] * CELLS) % CELLS * CELLS + (size_t)(cloud.x[3 * i + 1] * CELLS) % CELLS]++;
	for (size_t i = 0; i < CELLS * CELLS; i++)
		chi += pow((double)count[i] - expected, 2) / expected;
	/* 63 degrees of freedom: 99.9 % below 103.4 */
	check(chi < 103.4 && chi > 30, "uniformly by area, whatever the triangles (chi-square %.1f)", chi);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_VERTICES, 3, false, &rng, &err) == 0 && cloud.n == 3, "vertices: a subset");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_ALL, 3, false, &rng, &err) == 0 && cloud.n == 5, "all: every vertex");
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_VERTICES, 6, false, &rng, &err) == -1 && strstr(err.message, "5 points where 6"), "too few: %s", err.message);
	memset(mesh.position, 0, 15 * sizeof *mesh.position);
	check(mfc_sample(&cloud, &mesh, MFC_SAMPLE_AREA, 6, false, &rng, &err) == -1, "a surface without area: %s", err.message);
	mfc_cloud_clear(&cloud);
	mfc_mesh_clear(&mesh);
}

static void fill(struct mfc_cloud *c)
{
	const float x[] = { 1, 2, 3, 5, 2, 3, 1, 4, 3, 1, 2, 4 };
	mfc_cloud_init(c);
	mfc_cloud_resize(c, 4, 3, NULL);
	memcpy(c->x, x, sizeof x);
}

static void normalisation(void)
{
	const enum mfc_normalize how[] = { MFC_NORMALIZE_SPHERE, MFC_NORMALIZE_BOX, MFC_NORMALIZE_STD };
	for (int k = 0; k < 3; k++) {
		struct mfc_cloud c, raw;
		struct mfc_error err;
		double worst = 0, farthest = 0, square = 0, half = 0;
		fill(&c);
		fill(&raw);
		check(mfc_transform_normalize(&c, how[k], &err) == 0, "%s", mfc_normalize_name(how[k]));
		for (size_t i = 0; i < 4; i++) {
			double r = 0;
			for (size_t j = 0; j < 3; j++) {
				double x = c.x[3 * i + j];
				worst = fmax(worst, fabs(x * c.scale + c.center[j] - raw.x[3 * i + j]));
				half = fmax(half, fabs(x));
				r += x * x;
			}
			farthest = fmax(farthest, sqrt(r));
			square += r;
		}
		double one = k == 0 ? farthest : k == 1 ? half : sqrt(square / 12);
		check(fabs(one - 1) < 1e-6, "%s: its measure is 1 (%g)", mfc_normalize_name(how[k]), one);
		check(worst < 1e-6, "%s: center and scale lead back (%g)", mfc_normalize_name(how[k]), worst);
		double shift[3] = { 1, 2, 3 };
		mfc_transform_apply(&c, shift, 2, &err);
		for (size_t i = 0; i < 12; i++)
			worst = fmax(worst, fabs(c.x[i] * c.scale + c.center[i % 3] - raw.x[i]));
		check(worst < 1e-5, "%s: also after another", mfc_normalize_name(how[k]));
		mfc_cloud_clear(&c);
		mfc_cloud_clear(&raw);
	}
	enum mfc_normalize found;
	check(mfc_normalize_named("set-std", &found) && found == MFC_NORMALIZE_SET && !mfc_normalize_named("std", &found), "by name");
}

static void augmentation(void)
{
	struct mfc_augment a;
	struct mfc_error err;
	check(mfc_augment_parse(&a, "mirror:x,scale:0.1,rotate:y:10", &err) == 0 && a.mirror[0] && !a.mirror[1] && a.scale == 0.1 &&
	    fabs(a.rotate[1] - 10 * M_PI / 180) < 1e-12, "a list is understood");
	const char *const wrong[] = { "mirror:w", "scale:", "scale:2", "rotate:y", "rotate:y:999", "flip", "", "scale:0.1,", "scale:0.1;" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		check(mfc_augment_parse(&a, wrong[i], &err) == -1, "\"%s\" is refused", wrong[i]);
	mfc_augment_parse(&a, "mirror:x,rotate:y:90", &err);
	int mirrored = 0;
	double worst = 0;
	for (uint64_t k = 0; k < 200; k++) {
		struct mfc_cloud c;
		struct mfc_rng rng = mfc_rng_make(7, MFC_RNG_TEST, k, 0);
		const float unit[] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
		mfc_cloud_init(&c);
		mfc_cloud_resize(&c, 3, 3, NULL);
		memcpy(c.x, unit, sizeof unit);
		mfc_augment_apply(&a, &c, &rng, &err);
		const float *x = c.x;
		double det = x[0] * (x[4] * x[8] - x[5] * x[7]) - x[1] * (x[3] * x[8] - x[5] * x[6]) + x[2] * (x[3] * x[7] - x[4] * x[6]);
		mirrored += det < 0;
		worst = fmax(worst, fabs(fabs(det) - 1) + fabs(x[4] - 1));
		mfc_cloud_clear(&c);
	}
	check(worst < 1e-5, "mirrors and rotations keep volume and the axis (%g)", worst);
	check(mirrored > 70 && mirrored < 130, "half are mirrored (%d of 200)", mirrored);
}

/* Beyond the third coordinate nothing turns. */
static void augmentation_of_five(void)
{
	struct mfc_augment a;
	struct mfc_error err;
	struct mfc_cloud c;
	struct mfc_rng rng = mfc_rng_make(7, MFC_RNG_TEST, 0, 1);
	const float row[] = { 1, 2, 3, 4, 5 };
	mfc_cloud_init(&c);
	mfc_cloud_resize(&c, 1, 5, NULL);
	memcpy(c.x, row, sizeof row);
	mfc_augment_parse(&a, "mirror:x,rotate:z:180", &err);
	check(mfc_augment_apply(&a, &c, &rng, &err) == 0 && c.x[2] == 3 && c.x[3] == 4 && c.x[4] == 5, "the axis and what is beyond stay");
	check(c.x[0] != 1 && fabs(c.x[0] * c.x[0] + c.x[1] * c.x[1] - 5) < 1e-5, "the others turn (%g %g)", c.x[0], c.x[1]);
	mfc_cloud_clear(&c);
}

static void layouts(void)
{
	const struct { const char *path, *id, *label, *split; } known[] = {
		{ "ShapeNetCore.v2/02691156/a1b2/models/model_normalized.obj", "02691156/a1b2", "airplane", "" },
		{ "03001627/a1/model.obj", "03001627/a1", "chair", "" },
		{ "ShapeNetCore.v2.PC15k/02958343/train/c3.npy", "02958343/c3", "car", "train" },
		{ "ModelNet40/night_stand/test/night_stand_0001.off", "night_stand/night_stand_0001", "night_stand", "test" },
		{ "scans/liver/case.1.stl", "scans/liver/case.1", "liver", "" },
		{ "bunny.obj", "bunny", "", "" },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct mfc_layout l = mfc_layout_of(known[i].path);
		check(!strcmp(l.id, known[i].id) && !strcmp(l.label, known[i].label) && !strcmp(l.split, known[i].split), "%s is %s, %s, %s",
		    known[i].path, l.id, l.label, l.split);
	}
}

int main(void)
{
	sampling();
	normalisation();
	augmentation();
	augmentation_of_five();
	layouts();
	return done();
}

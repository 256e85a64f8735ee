/* The readers of meshes and points: what they take, and what they say of what they do not take. */
#include "check.h"
#include "array.h"
#include "load/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Read text or bytes as a file of that name; the copy ends in a 0 just behind, so that reading on is found by the sanitizers. */
static int read_bytes(struct mfc_mesh *mesh, const char *name, const void *bytes, size_t size, struct mfc_error *err)
{
	char *copy = malloc(size + 1);
	memcpy(copy, bytes, size);
	copy[size] = 0;
	mfc_mesh_init(mesh);
	err->message[0] = 0;
	int status = mfc_mesh_reader_for(name)(mesh, copy, size, err);
	free(copy);
	return status;
}

static void good(const char *what, const char *name, const void *bytes, size_t size, size_t vertices, size_t triangles)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, name, bytes, size, &err);
	check(status == 0 && mesh.vertices == vertices && mesh.triangles == triangles, "%s: %s (%zu vertices, %zu triangles) %s", name, what,
	    mesh.vertices, mesh.triangles, err.message);
	mfc_mesh_clear(&mesh);
}

static void bad(const char *what, const char *name, const void *bytes, size_t size, const char *message)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, name, bytes, size, &err);
	check(status == -1 && strstr(err.message, message), "%s: %s is refused: \"%s\"", name, what, err.message);
	mfc_mesh_clear(&mesh);
}

#define GOOD(what, name, text, v, t) good(what, name, text, sizeof text - 1, v, t)
#define BAD(what, name, text, message) bad(what, name, text, sizeof text - 1, message)
#define SQUARE "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"

static void obj(void)
{
	GOOD("a polygon becomes a fan", "a.obj", SQUARE "f 1 2 3 4\n", 4, 2);
	GOOD("v/t/n, v//n, v/t corners", "a.OBJ", SQUARE "f 1/1/1 2//2 3/3\n", 4, 1);
	GOOD("relative indices", "a.obj", SQUARE "f -4 -3 -2 -1\n", 4, 2);
	GOOD("CRLF, comments, exponents, no last newline", "a.obj", "# x\r\nv 1e-3 2E+1 .5\r\nv 0 0 0 1.0\r\n\tv 1 1 1 # c\r\nf 1 2 3", 3, 1);
	GOOD("a line that goes on", "a.obj", SQUARE "f 1 2 \\\n3 4\n", 4, 2);
	GOOD("other statements", "a.obj", "mtllib m\no x\nvn 0 0 1\nvt 0 0\n" SQUARE "g y\nusemtl z\ns 1\nl 1 2\nf 1 2 3\n", 4, 1);
	GOOD("faces before vertices", "a.obj", "f 1 2 3\n" SQUARE, 4, 1);
	BAD("an index out of range", "a.obj", SQUARE "f 1 2 99\n", "line 5: face index 99 out of range (4 vertices)");
	BAD("index zero", "a.obj", SQUARE "f 0 1 2\n", "line 5: face index 0 out of range");
	BAD("too negative an index", "a.obj", SQUARE "f -5 1 2\n", "line 5: face index -5 out of range");
	BAD("a word for a number", "a.obj", "v 1 x 2\n", "line 1: not a coordinate: \"x\"");
	BAD("a missing coordinate", "a.obj", "v 1 2\nv 1 2 3\n", "line 1: not a coordinate");
	BAD("NaN", "a.obj", SQUARE "v nan 0 0\n", "line 5: a coordinate that is not finite");
	BAD("no vertex", "a.obj", "# nothing\n", "no vertices");
	BAD("nothing", "a.obj", "", "no vertices");
}

static void off(void)
{
	GOOD("plain", "a.off", "OFF\n4 1 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n", 4, 2);
	GOOD("counts on the first line without a blank (ModelNet)", "a.off", "OFF3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2\n", 3, 1);
	GOOD("comments and colours", "a.off", "OFF # x\n\n# y\n3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2 255 0 0\n", 3, 1);
	BAD("an index out of range", "a.off", "OFF\n3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 3\n", "line 6: face index out of range");
	BAD("an end too early", "a.off", "OFF\n3 1 0\n0 0 0\n1 0 0\n", "ends after 2 of 3 vertices");
	BAD("huge counts", "a.off", "OFF\n999999999999 1 0\n0 0 0\n", "ends after 1 of 999999999999");
	BAD("another file", "a.off", "solid x\n", "line 1: does not begin with OFF");
}

#define PLY "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
#define PLY_FACE "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n"

static void ply(void)
{
	GOOD("ASCII", "a.ply", PLY PLY_FACE "3 0 1 2\n", 3, 1);
	GOOD("points without faces", "a.ply", PLY "end_header\n0 0 0\n1 0 0\n0 1 0\n", 3, 0);
	BAD("an index out of range", "a.ply", PLY PLY_FACE "3 0 1 7\n", "out of range");
	BAD("an end too early", "a.ply", PLY "end_header\n0 0 0\n1 0\n", "ends within the data");
	BAD("no end of the header", "a.ply", PLY, "ends within the header");
	BAD("an unknown type", "a.ply", "ply\nformat ascii 1.0\nelement vertex 3\nproperty quad x\n", "line 4: not a type: \"quad\"");
	BAD("no z", "a.ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nend_header\n0 0\n", "no x, y and z");
	const char little[] = "ply\nformat binary_little_endian 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\n"
	    "property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n"
	    "\0\0\x80\x3f\0\0\0\x40\0\0\0\0\1\2\3" "\0\0\0\0\0\0\0\0\0\0\x80\xbf\xff\xfe\xfd";
	struct mfc_mesh mesh;
	struct mfc_error err;
	struct mfc_array a;
	int status = read_bytes(&mesh, "a.ply", little, sizeof little - 1, &err);
	check(status == 0 && mesh.position[0] == 1 && mesh.position[1] == 2 && mesh.position[5] == -1, "a.ply: binary, little endian %s", err.message);
	check(mfc_array_view(mfc_value_get(&mesh.extra, "color"), &a) && a.shape[0] == 2 && (unsigned char)a.data[3] == 255, "a.ply: colours are kept");
	mfc_mesh_clear(&mesh);
	bad("a cut binary file", "a.ply", little, sizeof little - 5, "ends within the data");
	const char big[] = "ply\nformat binary_big_endian 1.0\nelement vertex 1\nproperty double x\nproperty short y\nproperty float z\nend_header\n"
	    "\x3f\xf0\0\0\0\0\0\0" "\xff\xfe" "\x3f\0\0\0";
	status = read_bytes(&mesh, "a.ply", big, sizeof big - 1, &err);
	check(status == 0 && mesh.position[0] == 1 && mesh.position[1] == -2 && mesh.position[2] == 0.5, "a.ply: binary, big endian %s", err.message);
	mfc_mesh_clear(&mesh);
	BAD("a huge count", "a.ply", "ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nproperty float x\nproperty float y\nproperty float z\nend_header\nabc",
	    "ends within the data");
}

static void stl(void)
{
	GOOD("ASCII", "a.stl", "solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n", 3, 1);
	char binary[84 + 50] = "solid but binary";
	const float corner[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0 };
	binary[80] = 1;
	memcpy(binary + 84 + 12, corner, sizeof corner);
	good("binary, though it begins with solid", "a.stl", binary, sizeof binary, 3, 1);
	memset(binary, 'b', 5);
	bad("a cut binary file", "a.stl", binary, sizeof binary - 1, "ends after 0 of 1 triangles");
	BAD("half a facet", "a.stl", "solid x\nvertex 0 0 0\n", "ends within a facet");
	BAD("a facet of two", "a.stl", "solid x\nvertex 0 0 0\nvertex 0 0 1\nendfacet\n", "line 4: a facet of 2 vertices");
	BAD("text", "a.stl", "hello", "too short for STL");
}

static void npy(void)
{
	char file[256];
	struct mfc_mesh mesh;
	struct mfc_error err;
	const float x[] = { 1, 2, 3, 4, 5, 6 };
	for (int fortran = 0; fortran < 2; fortran++) {
		int head = snprintf(file + 10, 128, "{'descr': '<f4', 'fortran_order': %s, 'shape': (2, 3), }\n", fortran ? "True" : "False");
		memcpy(file, "\x93NUMPY\1\0", 8);
		file[8] = (char)head;
		file[9] = 0;
		memcpy(file + 10 + head, x, sizeof x);
		int status = read_bytes(&mesh, "a.npy", file, 10 + (size_t)head + sizeof x, &err);
		check(status == 0 && mesh.vertices == 2 && mesh.dim == 3 && mesh.position[1] == (fortran ? 3 : 2), "a.npy: %s order %s",
		    fortran ? "Fortran" : "C", err.message);
		mfc_mesh_clear(&mesh);
		bad("a cut file", "a.npy", file, 10 + (size_t)head + sizeof x - 1, "ends within the numbers");
	}
	BAD("another file", "a.npy", "hello world, no array", "byte 0: not a NumPy array");
	BAD("objects", "a.npy", "\x93NUMPY\1\0\x40\0{'descr': '|O', 'fortran_order': False, 'shape': (2,), }          \n", "dtype '|O' cannot be read");
}

static void table(void)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	GOOD("blanks", "a.xyz", "0 0 0\n1 2 3\n\n# c\n4 5 6\n", 3, 0);
	GOOD("commas and a line of names", "a.csv", "x,y,z\n0,0,0\n1,2,3\n", 2, 0);
	GOOD("a first line with the count", "a.pts", "2\n0 0 0\n1 2 3\n", 2, 0);
	GOOD("one column", "a.xyz", "1\n2\n3\n", 3, 0);
	BAD("a ragged line", "a.xyz", "0 0 0\n1 2\n", "line 2: 2 numbers where the lines before have 3");
	BAD("a word", "a.xyz", "0 0 0\n1 b 2\n", "line 2: not numbers");
	BAD("infinity", "a.xyz", "0 0 inf\n", "line 1: a coordinate that is not finite");
	const char six[] = "0 0 0 7 8 9\n1 2 3 10 11 12\n";
	read_bytes(&mesh, "a.xyz", six, sizeof six - 1, &err);
	struct mfc_array a;
	float f = 0;
	bool kept = mfc_array_view(mfc_value_get(&mesh.extra, "columns"), &a) && a.shape[1] == 3;
	check(kept && mfc_array_floats(&a, 5, 1, &f, NULL) == 0 && f == 12, "a.xyz: further columns are kept");
	mfc_mesh_clear(&mesh);
}

/* Nothing that is read may crash, whatever bytes are changed: a fixed course of 3,000 mutations of each. */
static void mutations(const char *name, const void *bytes, size_t size)
{
	unsigned state = 12345;
	char *copy = malloc(size);
	int survived = 0;
	for (int i = 0; i < 3000; i++) {
		memcpy(copy, bytes, size);
		for (int k = 0; k < 1 + i % 4; k++) {
			state = state * 1664525u + 1013904223u;
			copy[(state >> 8) % size] = (char)(state >> 24);
		}
		struct mfc_mesh mesh;
		struct mfc_error err;
		read_bytes(&mesh, name, copy, state % 7 ? size : (state >> 8) % size, &err);
		mfc_mesh_clear(&mesh);
		survived++;
	}
	free(copy);
	check(survived == 3000, "%s: survives %d mutations", name, survived);
}

int main(void)
{
	obj();
	off();
	ply();
	stl();
	npy();
	table();
#define MUTATIONS(name, text) mutations(name, text, sizeof text - 1)
	MUTATIONS("a.obj", SQUARE "f 1 2 3 4\nf -1/2/3 -2//1 1\n");
	MUTATIONS("a.off", "OFF3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2\n");
	MUTATIONS("a.ply", PLY PLY_FACE "3 0 1 2\n");
	MUTATIONS("a.stl", "solid x\nfacet\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendfacet\n");
	MUTATIONS("a.npy", "\x93NUMPY\1\0\x40\0{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }      \n12345678");
	MUTATIONS("a.csv", "x,y,z\n0,0,0\n1,2,3\n# x\n1e5 7;8\n");
	check(!mfc_mesh_reader_for("a.png") && !mfc_mesh_reader_for("obj") && mfc_mesh_reader_for("b.obj/c.STL"), "a file is known by its extension");
	return done();
}

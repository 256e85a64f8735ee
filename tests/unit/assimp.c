/* Meshes that assimp reads: where each format's objects end up, and that nothing but the file itself is read. */
#include "check.h"
#include "load/assimp.h"

#include <stdlib.h>
#include <string.h>

static int read_bytes(struct mfc_mesh *mesh, const char *extension, const void *bytes, size_t size, struct mfc_error *err)
{
	char *copy = malloc(size + 1);
	memcpy(copy, bytes, size);
	copy[size] = 0;
	mfc_mesh_init(mesh);
	err->message[0] = 0;
	int status = mfc_assimp_read(mesh, copy, size, extension, err);
	free(copy);
	return status;
}

static void known(void)
{
	check(mfc_assimp_knows("glb") && mfc_assimp_knows("DAE") && mfc_assimp_knows("3ds"), "extensions are known in any case");
	check(!mfc_assimp_knows("") && !mfc_assimp_knows("obj") && !mfc_assimp_knows("png"), "others and those of our own readers are not");
}

#ifndef MFC_ASSIMP

int main(void)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	known();
	int status = read_bytes(&mesh, "gltf", "{}", 2, &err);
	check(status == -1 && strstr(err.message, "glTF needs a build with assimp"), "without assimp: \"%s\"", err.message);
	mfc_mesh_clear(&mesh);
	printf("ok %d # skip built without assimp\n", ++check_count);
	return done();
}

#else

/* The triangle (0 0 0) (1 0 0) (0 1 0) as glTF's buffer. */
static const char corners[36] = "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\x80\x3f" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\x80\x3f";

#define GLTF(buffer, primitive, nodes) "{\"asset\":{\"version\":\"2.0\"},\"buffers\":[{" buffer "\"byteLength\":36}],\"bufferViews\":[{\"buffer\":0," \
	"\"byteLength\":36}],\"accessors\":[{\"bufferView\":0,\"componentType\":5126,\"count\":3,\"type\":\"VEC3\"}],\"meshes\":[{\"primitives\":[{" \
	primitive "\"attributes\":{\"POSITION\":0}}]}],\"nodes\":[" nodes "],\"scenes\":[{\"nodes\":[0]}],\"scene\":0}"

static void put32(char *p, size_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(n >> 8 * i);
}

/* A GLB file of this JSON and the triangle, or another; returns its length. */
static size_t glb(char *out, const char *json, const char *buffer)
{
	size_t length = strlen(json), padded = (length + 3) / 4 * 4;
	memcpy(out, "glTF\2\0\0\0", 8);
	put32(out + 8, 28 + padded + sizeof corners);
	put32(out + 12, padded);
	memcpy(out + 16, "JSON", 4);
	memset(out + 20, ' ', padded);
	memcpy(out + 20, json, length);
	put32(out + 20 + padded, sizeof corners);
	memcpy(out + 24 + padded, "BIN\0", 4);
	memcpy(out + 28 + padded, buffer, sizeof corners);
	return 28 + padded + sizeof corners;
}

static int read_glb(struct mfc_mesh *mesh, const char *json, struct mfc_error *err)
{
	char file[4096];
	return read_bytes(mesh, "glb", file, glb(file, json, corners), err);
}

static bool has_vertex(const struct mfc_mesh *mesh, double x, double y, double z)
{
	for (size_t i = 0; i < mesh->vertices; i++) {
		const double *p = mesh->position + 3 * i;
		if (p[0] == x && p[1] == y && p[2] == z)
			return true;
	}
	return false;
}

static void binary_gltf(void)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_glb(&mesh, GLTF("", "", "{\"mesh\":0}"), &err);
	check(status == 0 && mesh.vertices == 3 && mesh.triangles == 1 && has_vertex(&mesh, 0, 1, 0), "GLB: a triangle %s", err.message);
	mfc_mesh_clear(&mesh);
	/* Twice, the second time within a node that doubles, moved by (0 0 5) and then by (10 0 0). */
	status = read_glb(&mesh, GLTF("", "", "{\"mesh\":0,\"children\":[1]},{\"translation\":[10,0,0],\"scale\":[2,2,2],\"children\":[2]},"
	    "{\"mesh\":0,\"translation\":[0,0,5]}"), &err);
	check(status == 0 && mesh.vertices == 6 && mesh.triangles == 2, "GLB: an object shown twice is there twice %s", err.message);
	check(has_vertex(&mesh, 1, 0, 0) && has_vertex(&mesh, 12, 0, 10) && has_vertex(&mesh, 10, 2, 10), "GLB: nodes within nodes are where they belong");
	mfc_mesh_clear(&mesh);
	status = read_glb(&mesh, GLTF("", "\"mode\":0,", "{\"mesh\":0}"), &err);
	check(status == -1 && strstr(err.message, "no triangles"), "GLB: points alone are refused: \"%s\"", err.message);
	mfc_mesh_clear(&mesh);
	char infinite[sizeof corners], file[4096];
	memcpy(infinite, corners, sizeof corners);
	memcpy(infinite + 12, "\0\0\x80\x7f", 4);
	status = read_bytes(&mesh, "glb", file, glb(file, GLTF("", "", "{\"mesh\":0}"), infinite), &err);
	check(status == -1 && strstr(err.message, "not finite"), "GLB: infinity is refused: \"%s\"", err.message);
	mfc_mesh_clear(&mesh);
}

static void other_files(void)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	/* Both exist, and the second is long enough. */
	static const char absolute[] = GLTF("\"uri\":\"/etc/passwd\",", "", "{\"mesh\":0}"), beside[] = GLTF("\"uri\":\"Makefile\",", "", "{\"mesh\":0}");
	int status = read_bytes(&mesh, "gltf", absolute, sizeof absolute - 1, &err);
	check(status == -1 && strstr(err.message, "/etc/passwd") && strstr(err.message, "not read"), "glTF: \"%s\"", err.message);
	mfc_mesh_clear(&mesh);
	status = read_bytes(&mesh, "gltf", beside, sizeof beside - 1, &err);
	check(status == -1 && strstr(err.message, "Makefile") && strstr(err.message, "not read"), "glTF: \"%s\"", err.message);
	mfc_mesh_clear(&mesh);
	static const char inside[] = GLTF("\"uri\":\"data:application/octet-stream;base64,AAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA\",", "",
	    "{\"mesh\":0}");
	status = read_bytes(&mesh, "gltf", inside, sizeof inside - 1, &err);
	check(status == 0 && mesh.vertices == 3 && has_vertex(&mesh, 1, 0, 0), "glTF: a buffer within the text %s", err.message);
	mfc_mesh_clear(&mesh);
}

#define AC "AC3Db\nMATERIAL \"m\" rgb 1 1 1 amb 0 0 0 emis 0 0 0 spec 0 0 0 shi 0 trans 0\nOBJECT world\nkids 1\nOBJECT poly\nloc 1 2 3\nnumvert 4\n" \
	"0 0 0\n1 0 0\n1 1 0\n0 1 0\nnumsurf 1\nSURF 0x10\nmat 0\nrefs 4\n0 0 0\n1 0 0\n2 0 0\n3 0 0\nkids 0\n"
#define DXF "0\nSECTION\n2\nENTITIES\n0\n3DFACE\n8\n0\n10\n0\n20\n0\n30\n0\n11\n1\n21\n0\n31\n0\n12\n1\n22\n1\n32\n0\n13\n0\n23\n1\n33\n0\n0\nENDSEC\n0\nEOF\n"
#define DAE "<?xml version=\"1.0\"?><COLLADA xmlns=\"http://www.collada.org/2005/11/COLLADASchema\" version=\"1.4.1\"><asset><up_axis>Y_UP</up_axis></asset>" \
	"<library_geometries><geometry id=\"g\"><mesh><source id=\"p\"><float_array id=\"a\" count=\"9\">0 0 0 1 0 0 0 1 0</float_array><technique_common>" \
	"<accessor source=\"#a\" count=\"3\" stride=\"3\"><param name=\"X\" type=\"float\"/><param name=\"Y\" type=\"float\"/><param name=\"Z\" type=\"float\"/>" \
	"</accessor></technique_common></source><vertices id=\"v\"><input semantic=\"POSITION\" source=\"#p\"/></vertices><triangles count=\"1\">" \
	"<input semantic=\"VERTEX\" source=\"#v\" offset=\"0\"/><p>0 1 2</p></triangles></mesh></geometry></library_geometries><library_visual_scenes>" \
	"<visual_scene id=\"s\"><node><translate>0 0 7</translate><instance_geometry url=\"#g\"/></node></visual_scene></library_visual_scenes>" \
	"<scene><instance_visual_scene url=\"#s\"/></scene></COLLADA>\n"

static void formats(void)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, "ac", AC, sizeof AC - 1, &err);
	check(status == 0 && mesh.vertices == 4 && mesh.triangles == 2 && has_vertex(&mesh, 2, 3, 3), "AC3D: a square, moved %s", err.message);
	mfc_mesh_clear(&mesh);
	status = read_bytes(&mesh, "DXF", DXF, sizeof DXF - 1, &err);
	check(status == 0 && mesh.vertices == 4 && mesh.triangles == 2, "DXF: a square %s", err.message);
	mfc_mesh_clear(&mesh);
	status = read_bytes(&mesh, "dae", DAE, sizeof DAE - 1, &err);
	check(status == 0 && mesh.vertices == 3 && mesh.triangles == 1 && has_vertex(&mesh, 1, 0, 7), "Collada: a triangle, moved %s", err.message);
	mfc_mesh_clear(&mesh);
}

static void bad(const char *what, const char *extension, const char *bytes, size_t size, const char *message)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, extension, bytes, size, &err);
	check(status == -1 && strstr(err.message, message) && !strchr(err.message, '\n'), "%s: %s is refused: \"%s\"", extension, what, err.message);
	mfc_mesh_clear(&mesh);
}

int main(void)
{
	known();
	binary_gltf();
	other_files();
	formats();
	bad("text", "glb", "hello", 5, "not a file of glTF");
	bad("nothing", "dae", "", 0, "");
	bad("half a file", "dae", DAE, sizeof DAE / 2, "");
	bad("half a file", "ac", AC, 200, "");
	return done();
}

#endif

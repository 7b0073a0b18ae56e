// Reads RunOptions: every array is copied, so that nothing points into JavaScript's memory while threads work.
#include "binding.h"
#include "binding_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Longest waiting time that may be asked for, ns (11 days). */
static const double NS_MAX = 1e15;

static const char OUT_OF_MEMORY[] = "not enough memory for the schedule";

struct array_shape {
	const char *name;
	napi_typedarray_type type;
	size_t element_bytes;
	const char *problem;
};

static const struct array_shape ARENA = {"arena", napi_uint8_array, 1, "arena must be a Uint8Array"};
static const struct array_shape FRAME_OFFSET = {
	"frameOffset", napi_uint32_array, 4, "frameOffset must be a Uint32Array"};
static const struct array_shape FRAME_LENGTH = {
	"frameLength", napi_uint32_array, 4, "frameLength must be a Uint32Array"};
static const struct array_shape FRAME_INDEX = {"frameIndex", napi_uint32_array, 4, "frameIndex must be a Uint32Array"};
static const struct array_shape OFFSET_NS = {"offsetNs", napi_float64_array, 8, "offsetNs must be a Float64Array"};
static const struct array_shape STAMP_FLAG = {
	"stampFlag", napi_uint8_array, 1, "stampFlag must be a Uint8Array where txStamping is \"flagged\""};

struct copied {
	void *data; /* malloc'ed */
	size_t count;
};

/* NULL, or the problem; then nothing was copied. */
static const char *copy_array(napi_env env, napi_value options, const struct array_shape *shape, struct copied *copied)
{
	napi_typedarray_type type;
	napi_value value;
	void *data;
	bool is_array = false;

	if (napi_get_named_property(env, options, shape->name, &value) != napi_ok)
		return shape->problem;
	if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array)
		return shape->problem;
	napi_get_typedarray_info(env, value, &type, &copied->count, &data, NULL, NULL);
	if (type != shape->type)
		return shape->problem;
	size_t bytes = copied->count * shape->element_bytes;
	copied->data = malloc(bytes > 0 ? bytes : 1);
	if (!copied->data)
		return OUT_OF_MEMORY;
	if (bytes > 0)
		memcpy(copied->data, data, bytes);
	return NULL;
}

static const char *read_frames(napi_env env, napi_value options, struct plan *plan)
{
	struct copied copied;
	const char *problem;

	if ((problem = copy_array(env, options, &ARENA, &copied)))
		return problem;
	plan->arena = copied.data;
	plan->arena_bytes = copied.count;
	if ((problem = copy_array(env, options, &FRAME_OFFSET, &copied)))
		return problem;
	plan->frame_offset = copied.data;
	if (copied.count > UINT32_MAX)
		return "too many frames";
	plan->frame_count = (uint32_t)copied.count;
	if ((problem = copy_array(env, options, &FRAME_LENGTH, &copied)))
		return problem;
	plan->frame_length = copied.data;
	return copied.count == plan->frame_count ? NULL : "frameOffset and frameLength must be of equal length";
}

static const char *read_schedule(napi_env env, napi_value options, struct plan *plan)
{
	struct copied copied;
	const char *problem;

	if ((problem = copy_array(env, options, &FRAME_INDEX, &copied)))
		return problem;
	plan->frame_index = copied.data;
	if (copied.count > PLAN_PACKETS_MAX)
		return "more packets than one run can hold (16,777,216)";
	plan->packet_count = (uint32_t)copied.count;
	if ((problem = copy_array(env, options, &OFFSET_NS, &copied)))
		return problem;
	plan->offset_ns = copied.data;
	if (copied.count != plan->packet_count)
		return "frameIndex and offsetNs must be of equal length";
	if (plan->tx_stamping != STAMP_FLAGGED)
		return NULL;
	if ((problem = copy_array(env, options, &STAMP_FLAG, &copied)))
		return problem;
	plan->stamp_flag = copied.data;
	return copied.count == plan->packet_count ? NULL : "stampFlag and frameIndex must be of equal length";
}

static double read_number(napi_env env, napi_value options, const char *name)
{
	napi_value value;
	double number;

	if (napi_get_named_property(env, options, name, &value) != napi_ok)
		return NAN;
	return napi_get_value_double(env, value, &number) == napi_ok ? number : NAN;
}

/* NaN is in no range. */
static bool is_whole(double number, double least, double most)
{
	return number >= least && number <= most && number == floor(number);
}

static bool is_duration(double ns)
{
	return ns >= 0 && ns <= NS_MAX;
}

static const char *read_stamping(napi_env env, napi_value options, struct plan *plan)
{
	static const char *const names[] = {[STAMP_ALL] = "all", [STAMP_FLAGGED] = "flagged", [STAMP_NONE] = "none"};
	napi_value value;
	char name[8];

	if (napi_get_named_property(env, options, "txStamping", &value) == napi_ok &&
		binding_read_string(env, value, name, sizeof name)) {
		for (int i = 0; i < 3; i++) {
			if (strcmp(name, names[i]) != 0)
				continue;
			plan->tx_stamping = (enum tx_stamping)i;
			return NULL;
		}
	}
	return "txStamping must be \"all\", \"flagged\" or \"none\"";
}

static const char *read_patch(napi_env env, napi_value options, struct plan *plan)
{
	double timestamp_at = read_number(env, options, "timestampAt");
	double checksum_at = read_number(env, options, "checksumAt");

	if (!is_whole(timestamp_at, -1, UINT16_MAX) || !is_whole(checksum_at, -1, UINT16_MAX))
		return "timestampAt and checksumAt must be -1 or positions in a frame";
	plan->timestamp_at = (int32_t)timestamp_at;
	plan->checksum_at = (int32_t)checksum_at;
	return NULL;
}

static const char *read_timing(napi_env env, napi_value options, struct plan *plan)
{
	double linger_ns = read_number(env, options, "lingerNs");
	double grace_ns = read_number(env, options, "graceNs");
	double quiet_ns = read_number(env, options, "quietNs");
	double lead_ns = read_number(env, options, "leadNs");
	double expect_frames = read_number(env, options, "expectFrames");
	napi_value real_time;

	if (!is_duration(linger_ns) || !is_duration(grace_ns) || !is_duration(quiet_ns) || !is_duration(lead_ns))
		return "lingerNs, graceNs, quietNs and leadNs must be numbers from 0 to 1e15";
	if (!is_whole(expect_frames, 0, UINT32_MAX))
		return "expectFrames must be a whole number from 0";
	if (napi_get_named_property(env, options, "realTime", &real_time) != napi_ok ||
		napi_get_value_bool(env, real_time, &plan->real_time) != napi_ok)
		return "realTime must be a boolean";
	plan->linger_ns = (int64_t)linger_ns;
	plan->grace_ns = (int64_t)grace_ns;
	plan->quiet_ns = (int64_t)quiet_ns;
	plan->lead_ns = (int64_t)lead_ns;
	plan->expect_frames = (uint32_t)expect_frames;
	return NULL;
}

const char *binding_read_plan(napi_env env, napi_value options, struct plan *plan)
{
	const char *problem;

	*plan = (struct plan){0};
	if ((problem = read_frames(env, options, plan)))
		return problem;
	if ((problem = read_stamping(env, options, plan)))
		return problem;
	if ((problem = read_schedule(env, options, plan)))
		return problem;
	if ((problem = read_patch(env, options, plan)))
		return problem;
	return read_timing(env, options, plan);
}

/* Echo server on libwebsockets: server PORT [deflate].
 *
 * Pongs, closes and the answers to errors are the library's own. That text is UTF-8 it checks when it is asked to.
 */

#include "echo.h"

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		return receive(wsi, user, in, length);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_chunk(wsi, user);
	case LWS_CALLBACK_CLOSED:
		forget(user);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

int main(int count, char **arguments)
{
	if (count < 2) {
		fprintf(stderr, "usage: server PORT [deflate]\n");
		return 2;
	}
	static const struct lws_protocols protocols[] = {
		{.name = "echo", .callback = echo, .per_session_data_size = sizeof(struct session), .rx_buffer_size = CHUNK},
		{0},
	};
	static const struct lws_extension extensions[] = {
		{"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
		{0},
	};
	struct lws_context_creation_info info = {
		.port = atoi(arguments[1]),
		.iface = "127.0.0.1",
		.protocols = protocols,
		.extensions = count > 2 && strcmp(arguments[2], "deflate") == 0 ? extensions : NULL,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8,
		.gid = -1,
		.uid = -1,
	};
	/* Cases that break the protocol on purpose would each log a line. */
	lws_set_log_level(LLL_ERR, NULL);
	struct lws_context *context = lws_create_context(&info);
	if (!context)
		return 1;
	while (lws_service(context, 0) >= 0)
		continue;
	lws_context_destroy(context);
	return 1;
}

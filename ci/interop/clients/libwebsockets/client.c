/* Client on libwebsockets. client drive SERVER AGENT drives itself through the control paths, with SERVER as ws://HOST:PORT;
 * client echo URL offers permessage-deflate, sends back each message, and ends with its connection.
 *
 * One connection after the other; everything that a case is about is the library's own.
 */

#include "../../libwebsockets/echo.h"

struct client {
	struct lws_context *context;
	const char *host, *agent; /* without an agent there is one connection */
	char path[256];
	char authority[160]; /* host and port, for the Host field */
	int port;
	int cases; /* how many there are; 0 until that is known */
	int next;  /* the case that comes next */
	bool reported, over;
};

static bool dial(struct client *client)
{
	struct lws_client_connect_info info = {
		.context = client->context,
		.address = client->host,
		.port = client->port,
		.path = client->path,
		.host = client->authority,
		.origin = client->authority,
		.ietf_version_or_minus_one = -1,
	};
	return lws_client_connect_via_info(&info) != NULL;
}

static bool dial_next(struct client *client)
{
	if (client->next <= client->cases)
		snprintf(client->path, sizeof client->path, "/runCase?case=%d&agent=%s", client->next++, client->agent);
	else if (!client->reported) {
		client->reported = true;
		snprintf(client->path, sizeof client->path, "/updateReports?agent=%s", client->agent);
	} else
		return false;
	return dial(client);
}

static int converse(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct client *client = lws_context_user(lws_get_context(wsi));
	switch (reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (client->agent && client->cases == 0) {
			char digits[16] = "";
			memcpy(digits, in, length < sizeof digits ? length : sizeof digits - 1);
			client->cases = atoi(digits);
			client->next = 1;
			return 0;
		}
		return receive(wsi, user, in, length);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_chunk(wsi, user);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLIENT_CLOSED:
		if (user)
			forget(user);
		/* without a number of cases there is nothing to go on with */
		client->over = client->cases == 0 || !dial_next(client);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}

int main(int count, char **arguments)
{
	const char *mode = count > 1 ? arguments[1] : "", *url = count > 2 ? arguments[2] : "";
	bool echoes = strcmp(mode, "echo") == 0 && count == 3;
	char host[128];
	struct client client = {.host = host, .path = "/"};
	if (!(echoes || (strcmp(mode, "drive") == 0 && count == 4)) ||
	    sscanf(url, "ws://%127[^:/]:%d%255s", host, &client.port, client.path) < 2) {
		fprintf(stderr, "usage: client drive ws://HOST:PORT AGENT | client echo ws://HOST:PORT/PATH\n");
		return 2;
	}
	if (!echoes) {
		client.agent = arguments[3];
		snprintf(client.path, sizeof client.path, "/getCaseCount");
	}
	snprintf(client.authority, sizeof client.authority, "%s:%d", host, client.port);
	static const struct lws_protocols protocols[] = {
		{.name = "", .callback = converse, .per_session_data_size = sizeof(struct session), .rx_buffer_size = CHUNK},
		{0},
	};
	/* The offer is the one of the library's own examples. */
	static const struct lws_extension extensions[] = {
		{"permessage-deflate", lws_extension_callback_pm_deflate,
		 "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
		{0},
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.extensions = echoes ? extensions : NULL,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8,
		.user = &client,
		.gid = -1,
		.uid = -1,
	};
	/* Cases that break the protocol on purpose would each log a line. */
	lws_set_log_level(LLL_ERR, NULL);
	client.context = lws_create_context(&info);
	if (!client.context || !dial(&client))
		return 1;
	while (!client.over && lws_service(client.context, 0) >= 0)
		continue;
	lws_context_destroy(client.context);
	return !echoes && client.cases == 0;
}

// Client on Boost.Beast. client drive SERVER AGENT drives itself through the control paths, with SERVER as ws://HOST:PORT;
// client echo URL offers permessage-deflate, sends back each message, and ends with its connection.
//
// Blocking calls on one connection after the other; everything that a case is about is the library's own.

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <iostream>
#include <string>

namespace beast = boost::beast;
using boost::asio::ip::tcp;
using stream = beast::websocket::stream<tcp::socket>;

// Large enough for the largest message of any case, so that a size limit never hides another answer.
constexpr std::size_t limit = 64 << 20;

struct client {
    boost::asio::io_context context;
    std::string host, port;
    bool deflate;

    stream open(const std::string& path, beast::error_code& error) {
        tcp::socket socket(context);
        boost::asio::connect(socket, tcp::resolver(context).resolve(host, port), error);
        if (!error) socket.set_option(tcp::no_delay(true));
        stream result(std::move(socket));
        result.read_message_max(limit);
        beast::websocket::permessage_deflate option;
        option.client_enable = deflate;
        result.set_option(option);
        if (!error) result.handshake(host + ":" + port, path, error);
        return result;
    }

    int count() {
        beast::error_code error;
        stream connection = open("/getCaseCount", error);
        beast::flat_buffer message;
        if (!error) connection.read(message, error);
        if (error) throw beast::system_error(error);
        int cases = std::stoi(beast::buffers_to_string(message.data()));
        finish(connection);
        return cases;
    }

    void run(const std::string& path) {
        beast::error_code error;
        stream connection = open(path, error);
        while (!error) {
            beast::flat_buffer message;
            connection.read(message, error);
            if (error) break;
            connection.text(connection.got_text());
            connection.write(message.cdata(), error);
        }
    }

    // The server says no more; its Close is answered by the library while it reads.
    void finish(stream& connection) {
        beast::error_code error;
        for (beast::flat_buffer message; !error; message.clear()) connection.read(message, error);
    }
};

void drive(client& client, const std::string& agent) {
    int cases = client.count();
    for (int i = 1; i <= cases; ++i) client.run("/runCase?case=" + std::to_string(i) + "&agent=" + agent);
    client.run("/updateReports?agent=" + agent);
}

int main(int number, char** arguments) {
    const std::string scheme = "ws://";
    std::string mode = number > 1 ? arguments[1] : "", url = number > 2 ? arguments[2] : "";
    bool echoes = mode == "echo" && number == 3;
    std::size_t slash = url.find('/', scheme.size());
    std::string authority = url.substr(0, slash);
    std::size_t colon = authority.rfind(':');
    if (!(echoes || (mode == "drive" && number == 4)) || url.compare(0, scheme.size(), scheme) != 0 || colon < scheme.size()) {
        std::cerr << "usage: client drive ws://HOST:PORT AGENT | client echo ws://HOST:PORT/PATH\n";
        return 2;
    }
    client client;
    client.host = authority.substr(scheme.size(), colon - scheme.size());
    client.port = authority.substr(colon + 1);
    client.deflate = echoes;
    if (echoes) client.run(slash == std::string::npos ? "/" : url.substr(slash));
    else drive(client, arguments[3]);
}

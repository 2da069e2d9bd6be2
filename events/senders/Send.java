// A sender in Java (17 or later): it signs a body as Standard Webhooks says, and posts it.
//
// SEATMEND_SECRET=whsec_... java events/senders/Send.java http://127.0.0.1:8080/billing/standard msg_1 body.json
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Send {
    public static void main(String[] args) throws Exception {
        String url = args[0], id = args[1]; // the id is the event's: the same each time that it is sent
        byte[] body = Files.readAllBytes(Path.of(args[2]));
        byte[] key = Base64.getDecoder().decode(System.getenv("SEATMEND_SECRET").replaceFirst("^whsec_", ""));
        String at = Long.toString(Instant.now().getEpochSecond());
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + at + ".").getBytes(StandardCharsets.UTF_8));
        String signature = Base64.getEncoder().encodeToString(mac.doFinal(body)); // these very bytes are posted

        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json") // HttpClient says nothing by itself
            .header("webhook-id", id)
            .header("webhook-timestamp", at)
            .header("webhook-signature", "v1," + signature)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
        System.exit(response.statusCode() == 200 ? 0 : 1);
    }
}

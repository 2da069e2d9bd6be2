import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.Ruler;

/** Says of each line of input, a pattern and an event with a tab between them, whether the pattern takes the event. */
public class Matches {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", 2);
            try {
                System.out.println(Ruler.matchesRule(parts[1], parts[0]));
            } catch (Exception e) {
                System.out.println("refused: " + e.getMessage().replace('\n', ' '));
            }
        }
    }
}

/*
 * Signs payment events for Onecharge (docs/signing.md). Java 17, no library.
 *
 *     java Sign.java KEY_BASE64_FILE < fields.tsv
 *
 * Java has no JSON parser of its own: a connector has its own objects. So this program reads fields, as a connector would
 * pass them: one a line, name and value with a tab between, stage and sigkid among them, a blank line after each event.
 * In a value a backslash, tab or line feed is written as a backslash with a backslash, t or n. One signature a line is printed.
 */
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Sign {
  /** Signs the documented fields that are present, with stage and sigkid among them. Integers are in decimal. */
  static String signature(Map<String, String> fields, byte[] key) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(signedBytes(fields)));
  }

  static byte[] signedBytes(Map<String, String> fields) throws IOException {
    TreeMap<byte[], String> sorted = new TreeMap<>(Arrays::compareUnsigned);
    fields.forEach((name, value) -> sorted.put(name.getBytes(StandardCharsets.UTF_8), value));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Map.Entry<byte[], String> field : sorted.entrySet()) {
      write(bytes, field.getKey());
      write(bytes, field.getValue().getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  /** Four bytes of length, the highest first, and the text. */
  static void write(ByteArrayOutputStream bytes, byte[] text) throws IOException {
    bytes.write(ByteBuffer.allocate(4).putInt(text.length).array());
    bytes.write(text);
  }

  public static void main(String[] arguments) throws Exception {
    byte[] key = Base64.getDecoder().decode(Files.readString(Path.of(arguments[0])).trim());
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Map<String, String> fields = new TreeMap<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        System.out.println(signature(fields, key));
        fields.clear();
      } else {
        int tab = line.indexOf('\t');
        fields.put(line.substring(0, tab), line.substring(tab + 1).translateEscapes());
      }
    }
  }
}

import com.alibaba.fastjson.JSON;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/**
 * The official client, told line by line what to do: "topic NAMESERVER BROKER TOPIC [KEY SECRET]" makes a topic,
 * "read …" prints what is in it. Each answer ends with a line DONE or FAILED.
 */
public class Peer {
  public static void main(String[] none) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        obey(line.split(" "));
        System.out.println("DONE");
      } catch (Exception wrong) {
        System.out.println("FAILED " + wrong.toString().replace('\n', ' '));
      }
    }
    System.exit(0);
  }

  private static void obey(String[] words) throws Exception {
    RPCHook hook = words.length < 6 ? null : new AclClientRPCHook(new SessionCredentials(words[4], words[5]));
    if (words[0].equals("topic")) {
      makeTopic(words[1], words[2], words[3], hook);
    } else {
      read(words[1], words[3], hook);
    }
  }

  private static void makeTopic(String nameServer, String broker, String topic, RPCHook hook) throws Exception {
    DefaultMQAdminExt admin = new DefaultMQAdminExt(hook, 20_000);
    admin.setInstanceName("makes " + topic);
    admin.setNamesrvAddr(nameServer);
    admin.start();
    try {
      admin.createAndUpdateTopicConfig(broker, new TopicConfig(topic, 2, 2));
    } finally {
      admin.shutdown();
    }
  }

  private static void read(String nameServer, String topic, RPCHook hook) throws Exception {
    DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("readers", hook);
    consumer.setInstanceName("reads " + topic);
    consumer.setNamesrvAddr(nameServer);
    consumer.start();
    try {
      readQueues(consumer, topic);
    } finally {
      consumer.shutdown();
    }
  }

  private static void readQueues(DefaultMQPullConsumer consumer, String topic) throws Exception {
    for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(topic)) {
      for (long offset = 0;;) {
        PullResult pulled = consumer.pull(queue, "*", offset, 32);
        if (pulled.getMsgFoundList() == null || pulled.getMsgFoundList().isEmpty()) break;
        for (MessageExt message : pulled.getMsgFoundList()) print(message);
        offset = pulled.getNextBeginOffset();
      }
    }
  }

  private static void print(MessageExt message) {
    Map<String, Object> line = new HashMap<>();
    line.put("body", Base64.getEncoder().encodeToString(message.getBody()));
    line.put("keys", message.getKeys());
    line.put("tags", message.getTags());
    line.put("queue", message.getQueueId());
    line.put("properties", message.getProperties());
    System.out.println("MESSAGE " + JSON.toJSONString(line));
  }
}
